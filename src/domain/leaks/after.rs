//! Columns that by their names are known only after the outcome that is predicted, or are the outcome under another name.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};

use super::state::Walk;
use super::suspects;
use super::value::Set;

/// Beginnings of words in the name of a target, and those in names of columns that are written after such an outcome.
const AFTER: [(&str, &str); 22] = [
    (
        "return refund sent_back",
        "refund restock rma return_reason return_date return_label returned reverse_log credit_note",
    ),
    (
        "churn attrition cancel unsubscrib left leav quit lapse retain retention renew stays exit closed_account resign",
        "cancel churn closed_at closed_on closed_date close_date closure account_closed exit exited deactivat terminat winback win_back retention_offer retention_call unsubscrib last_working resign leaving left_at left_on left_date refund offboard final_bill final_invoice end_date ended goodbye port_out porting severance departure",
    ),
    (
        "default delinq bad_loan loan_status npl dlq charge_off chargeoff charged_off repaid paid_back insolv bankrupt nonpay writeoff",
        "recover collection charge_off chargeoff charged_off writeoff write_off settle late_fee penalty dunning foreclos repossess total_pymnt total_rec out_prncp last_pymnt last_payment hardship bailiff debt_sale default_date default_reason workout",
    ),
    (
        "fraud chargeback scam stolen laundering suspicious abuse bot",
        "chargeback dispute investigat blocked_at blocked_on case_id case_opened case_status reversal reversed flagged_at confirmed_fraud reported_at fraud_report refund banned suspended analyst",
    ),
    (
        "died death dead mortality surviv deceased expire fatal",
        "death died autopsy cause_of days_to time_to discharge hospice palliative outcome deceased burial lifeboat body_number",
    ),
    (
        "readmi rehospital relapse recur",
        "readmi relapse recur days_to time_to second_admission next_admission next_visit outcome",
    ),
    (
        "disease diagnos cancer malignan diabetes infect sepsis stroke tumor tumour positive covid",
        "diagnosis_date diagnosed chemo biopsy prescrib therapy_start treatment_start insulin_start confirmed pathology oncolog antibiotic_start",
    ),
    (
        "convert conversion purchas bought buy click subscrib signup sign_up ordered upgrade deposit donat",
        "thank_you receipt invoice_total invoice_id order_id order_total order_number purchase_amount purchase_value purchase_date purchased_at purchase_time paid_at payment_date payment_method_used checkout_completed confirmation activation onboard shipped conversion converted subscribed_at upgraded_at donation_amount call_duration landing_after",
    ),
    (
        "no_show noshow attend showed show_up missed_app",
        "checked_in checkin_time check_in_time arrived visit_duration seen_at consult_minutes left_at treated_by no_show_fee",
    ),
    (
        "late delay on_time ontime overdue sla breach missed_dead tardy punctual",
        "delivered arrived actual arr_delay arr_time arrival_actual completed_at received_at received_on resolved closed_at landed wheels_on dropoff drop_off paid_at paid_on returned_at taxi_in elapsed finished signed_for late_fee",
    ),
    (
        "night stay los length_of duration",
        "checkout check_out departure departed discharge end_at end_time end_date ended finish completed closed_at resolved leaving left_at released",
    ),
    (
        "duration elapsed trip_ ride_ travel transit eta minutes delivery_ shipping_ fare",
        "dropoff drop_off delivered arrived arrival_time arrival_at end_at end_time ended finished completed_at actual stop_time received_at",
    ),
    (
        "resolution handling turnaround time_to hours_to days_to wait repair_ cycle_time lead_time processing",
        "resolved closed completed finished end_at end_time ended solved done_at served_at released fixed delivered",
    ),
    (
        "price sold sale rent value",
        "sold_at sold_on sold_date commission closing_cost closing_price final_price agreed_price hammer transfer_tax stamp_duty sale_price_per price_per rent_per deed",
    ),
    (
        "win won winner result match goals points",
        "final_score full_time ft_ post_match goals_home goals_away home_goals away_goals points_awarded winning",
    ),
    (
        "fail breakdown fault broke malfunction outage trip_next defect crash",
        "repair replaced_at replaced_on downtime failure_mode failure_code failure_date root_cause work_order shutdown restarted maintenance_after error_after scrap rework",
    ),
    (
        "hired accept offer promot admitted enrol",
        "onboard contract_signed signed start_salary new_salary first_day acceptance offer_accepted enrolment_date enrolled_at",
    ),
    (
        "claim loss accident",
        "payout settle paid_out claim_closed adjuster claim_paid claim_reserve repair_cost compensation",
    ),
    (
        "resolved escalat csat satisf reopen complain",
        "resolved_at closed_at resolution survey reopen escalated_at complaint_id compensation",
    ),
    (
        "passed pass_ grade graduat dropout drop_out exam gpa",
        "final_grade final_exam final_mark certificate degree_award diploma retake withdraw graduation",
    ),
    ("cnt rides rentals", "casual registered"),
    (
        "approv reject review decision granted",
        "approved_at approved_amount approved_by decision rejection reject_reason disburse funded granted_at",
    ),
];

/// Words that mark any outcome, whatever it is.
const ANY: &str = "outcome ground_truth actual post_mortem postmortem posthoc final_status final_decision final_outcome closing_reason close_reason resolution_code";

/// Words by which the same name speaks of earlier times, of a plan, or of many.
const EARLIER: &str = "prev previous past prior hist lag avg mean expected planned plan scheduled promised estimated est earlier ago before old rate typical usual forecast policy lifetime count n num number since roll rolling ema expanding first std median min max cum share_of budget quoted possible allowed free eligible history earliest median requested due latitude longitude lat lon lng zone location station city borough address point place";

/// What else may stand in a name that holds the name of the target.
const OWN: &str = "reason date at on code days to time until log log1p ln sqrt per bin band bucket flag category diff is status label ts timestamp cause squared rank pct ratio norm scaled final actual corrected adjusted rounded sqm sqft unit";

fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut low = false;
    for letter in name.chars() {
        let breaks = !letter.is_alphanumeric() || (letter.is_uppercase() && low);
        if breaks && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphanumeric(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        low = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn has(name: &str, beginnings: &str) -> bool {
    beginnings.split(' ').any(|beginning| name.contains(&format!("_{beginning}")))
}

/// Whether a column of this name is known only after the target, as far as names tell.
pub(super) fn comes_after(column: &str, target: &str) -> bool {
    if column.len() > 60 || column.contains([' ', '/', '.', ':']) || column == target {
        return false;
    }
    let (mine, aims) = (words(column), words(target));
    let earlier = |word: &String| {
        EARLIER.split(' ').any(|other| other == word) || word.starts_with("lag") || word.starts_with("hist")
    };
    if mine.is_empty() || aims.is_empty() || mine.iter().any(earlier) {
        return false;
    }
    let name = format!("_{}_", mine.join("_"));
    let aim = format!("_{}_", aims.join("_"));
    if AFTER.iter().any(|(of, after)| has(&aim, of) && has(&name, after)) {
        // What the target itself begins with is no more than a family of names.
        return true;
    }
    if has(&name, ANY) && !has(&aim, ANY) {
        return true;
    }
    let at = mine.windows(aims.len()).position(|part| part == aims.as_slice());
    let rest = at.map(|at| mine.iter().enumerate().filter(move |(place, _)| *place < at || *place >= at + aims.len()));
    target.len() >= 4
        && rest.is_some_and(|rest| {
            let rest: Vec<&String> = rest.map(|(_, word)| word).collect();
            !rest.is_empty() && rest.iter().all(|word| OWN.split(' ').any(|own| own == word.as_str()))
        })
}

/// The texts of a program.
#[derive(Default)]
struct Texts {
    texts: Set,
    nest: usize,
}

impl<'a> Visitor<'a> for Texts {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.nest > 60 {
            return;
        }
        match expression {
            Expr::StringLiteral(text) => {
                self.texts.insert(text.value.to_str().to_owned());
            }
            Expr::Attribute(attribute) if matches!(&*attribute.value, Expr::Name(_)) => {
                self.texts.insert(attribute.attr.to_string());
            }
            _ => {}
        }
        self.nest += 1;
        walk_expr(self, expression);
        self.nest -= 1;
    }
}

/// The lines that use a column which sounds as if it came after the target, with its name.
pub(super) fn named(walk: &Walk<'_>, body: &[Stmt]) -> BTreeMap<u32, String> {
    let Some(target) = walk.about.target else { return BTreeMap::new() };
    let mut texts = Texts::default();
    texts.visit_body(body);
    let known = &walk.about.suspects;
    let names: Vec<String> =
        texts.texts.into_iter().filter(|text| comes_after(text, target) && !known.contains(text)).collect();
    if names.is_empty() { BTreeMap::new() } else { suspects::named(walk, &names, body) }
}
