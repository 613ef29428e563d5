"""Writes churn.csv: a made-up subscription business, with defects planted on purpose.

Run it again and the same bytes come out: `python3 assets/make_churn.py assets/churn.csv`.
What is planted, and where, is listed in churn.md beside it. Standard library only.
"""

import csv
import datetime
import math
import random
import sys

N = 4_960
SNAPSHOT = datetime.date(2026, 8, 31)

COLUMNS = [
    "customer_id", "signup_date", "snapshot_date", "last_login", "tenure_months", "plan", "contract",
    "monthly_spend", "total_charges", "support_tickets", "usage_hours", "payment_method", "region", "age",
    "email_opt_in", "referral_code", "country", "feedback", "cancel_reason", "churned",
]

PRICE = {"basic": 29.99, "plus": 49.99, "pro": 79.99, "team": 119.99}
GLAD = ["easy to use", "does what I need", "the reports save me time", "support was quick", "happy with the update"]
SAD = ["too slow lately", "billing was wrong twice", "support never answered", "missing features", "hard to find things"]
MEH = ["it is fine", "works most days", "no strong opinion", "used it for one project", "my team uses it more than I do"]


def customer(rng, number):
    plan = rng.choices(["basic", "plus", "pro", "team"], [0.42, 0.31, 0.19, 0.08])[0]
    contract = rng.choices(["monthly", "one year", "two years"], [0.58, 0.27, 0.15])[0]
    tenure = min(72, int(rng.expovariate(1 / 19)) + rng.choice([0, 0, 1, 2]))
    age = int(min(88, max(18, rng.gauss(43, 14))))
    tickets = min(14, int(rng.expovariate(1 / 1.4)))
    usage = max(0.2, rng.lognormvariate(2.6, 0.7) * (1.25 if plan in ("pro", "team") else 1.0))
    spend = PRICE[plan] * rng.choice([1.0, 1.0, 1.0, 0.9, 0.8]) + rng.choice([0, 0, 5, 10])
    payment = rng.choices(["card", "bank transfer", "wallet", "invoice"], [0.52, 0.24, 0.16, 0.08])[0]
    region = rng.choices(["north", "south", "east", "west", "islands"], [0.3, 0.27, 0.22, 0.18, 0.03])[0]
    idle = int(min(200, rng.expovariate(1 / (6 + 90 / (1 + usage)))))

    # What really drives leaving. Little of it is a straight line: the first months are the dangerous ones, too little
    # use and too much for the plan both end in leaving, and tickets hurt those who can leave next month.
    push = -2.35
    push += 2.0 * math.exp(-tenure / 5)
    push += {"monthly": 0.6, "one year": -0.5, "two years": -1.3}[contract]
    push += 0.55 * tickets if contract == "monthly" else 0.05 * tickets
    push += 0.014 * min(idle, 90)
    push += 1.1 * min(3.0, math.log(usage / 15) ** 2)
    push += 1.4 if payment == "invoice" and plan == "basic" else 0.0
    push += 0.6 if age < 25 else 0.0
    churned = int(rng.random() < 1 / (1 + math.exp(-push)))

    mood = SAD if rng.random() < (0.55 if churned else 0.16) else (GLAD if rng.random() < 0.6 else MEH)
    return {
        "customer_id": f"C{number:06d}",
        "signup_date": (SNAPSHOT - datetime.timedelta(days=tenure * 30 + rng.randrange(30))).isoformat(),
        "snapshot_date": SNAPSHOT.isoformat(),
        "last_login": (SNAPSHOT - datetime.timedelta(days=idle)).isoformat(),
        "tenure_months": str(tenure),
        "plan": plan,
        "contract": contract,
        "monthly_spend": f"{spend:.2f}",
        "total_charges": f"{spend * max(1, tenure) * rng.uniform(0.95, 1.05):.2f}",
        "support_tickets": str(tickets),
        "usage_hours": f"{usage:.1f}",
        "payment_method": payment,
        "region": region,
        "age": str(age),
        "email_opt_in": rng.choice(["yes", "no", "yes"]),
        "referral_code": "",
        "country": "NL",
        "feedback": rng.choice(mood) + rng.choice(["", "", ", " + rng.choice(MEH)]) if rng.random() < 0.8 else "",
        "cancel_reason": rng.choice(["price", "competitor", "not used", "support"]) if churned else "",
        "churned": str(churned),
    }


def plant(rng, rows):
    """Puts in the defects that churn.md lists."""
    for row in rng.sample(rows, 150):
        row["age"] = rng.choice(["", "NA", "N/A"])
    for row in rng.sample(rows, 60):
        row["monthly_spend"] = ""
    for row in rng.sample(rows, 38):
        row["total_charges"] = rng.choice(["pending", "see invoice", "n.a."])
    for row in rng.sample(rows, 14):
        row["usage_hours"] = f"{rng.uniform(2000, 9000):.1f}"
    for row in rng.sample(rows, 6):
        row["age"] = rng.choice(["-1", "199", "240"])
    for row in rng.sample(rows, 75):
        row["last_login"] = (SNAPSHOT + datetime.timedelta(days=rng.randrange(1, 40))).isoformat()
    for row in rng.sample(rows, 140):
        row["referral_code"] = f"R-{rng.randrange(1000, 9999)}"
    for row in [row for row in rows if row["churned"] == "1" and rng.random() < 0.03]:
        row["cancel_reason"] = ""
    for row in rng.sample(rows, 40):
        rows.insert(rng.randrange(len(rows)), dict(row))


def main(path):
    rng = random.Random(20260831)
    rows = [customer(rng, number) for number in range(1, N + 1)]
    plant(rng, rows)
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1])
