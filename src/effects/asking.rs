//! One question from its making to its answer: the request, the rounds of tools, what is written down meanwhile.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::claims;
use crate::domain::conversation::{Conversation, Message, result_block, text_block};
use crate::domain::digest;
use crate::domain::endpoint::Endpoint;
use crate::domain::experiment::{Event, History};
use crate::domain::failure::Failure;
use crate::domain::framing::{Framing, Privacy};
use crate::domain::known::Known;
use crate::domain::prompt::{self, Inputs, Prompt, guess_tokens};
use crate::domain::question::{Asked, Follow, Question, Wish};
use crate::domain::suggestion;
use crate::domain::task::Task;
use crate::domain::tools::{MAX_ROUNDS, Tool};
use crate::domain::turn::{StopReason, StreamEvent, Turn, Usage};
use crate::domain::{money, run};
use crate::effects::api::request::{self, Keep, Request};
use crate::effects::api::{Answered, Client, Sending, Update, rounds};
use crate::effects::extras;
use crate::effects::recording::{self, Heading, Recorder};
use crate::effects::session::Session;
use crate::effects::tools::{Given, Toolbox, picture};
use crate::safe;
use crate::text::{RawText, SafeText};

/// What is known while a question is made and answered.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The open data set.
    pub session: &'a Session,
    /// What is known of it.
    pub known: &'a Known,
    /// The question that is to be answered about it.
    pub framing: &'a Framing,
}

impl Desk<'_> {
    /// Makes a question out of a task: template, data, history, wish; in words and in the wire format.
    pub async fn question(self, task: Task, wish: &Wish) -> Result<Question, Failure> {
        let session = self.session;
        let endpoint = session.world.endpoint().await?;
        let tools = offered(&endpoint, self.framing.privacy);
        let history = session.history()?;
        let context = extras::gather(self, task, wish, &history)?;
        let prompt = self.prompt(task, wish, &endpoint, &history, &context.blocks)?;
        let keep = session.world.keep();
        let (mut pictures, mut described) = self.pictures(wish, &endpoint)?;
        if let Some(picture) = context.picture.filter(|_| endpoint.sees_images()) {
            described.push(picture.describe());
            pictures.push(picture.block());
        }
        let mut conversation = Conversation::new(request::head(&prompt, &endpoint, &tools));
        conversation.say(request::first_message(&prompt, &endpoint, keep, &pictures));
        let settings = wish.settings.clone();
        self.priced(Question {
            pictures: described,
            settings,
            curves: context.curves,
            ..self.unpriced(prompt, conversation, endpoint)
        })
        .await
    }

    /// Goes on with what was said in an earlier experiment: with more words, with other words in place of the last ones,
    /// or from where an answer was cut off.
    pub async fn follow_up(self, experiment: &str, follow: &Follow, wish: &Wish) -> Result<Question, Failure> {
        let session = self.session;
        let endpoint = session.world.endpoint().await?;
        let tools = offered(&endpoint, self.framing.privacy);
        let history = session.history()?;
        let earlier = history.find(experiment).ok_or_else(|| {
            Failure::input(
                safe!("{experiment}"),
                safe!("there is no such experiment"),
                safe!("choose one of the history"),
            )
        })?;
        let mut conversation = history.conversation(experiment);
        if conversation.messages.is_empty() {
            return Err(Failure::input(
                safe!("{experiment}"),
                safe!("nothing was asked in it, or it is older than conversations are kept"),
                safe!("ask anew: t"),
            ));
        }
        let task = Task::from_id(&earlier.task).unwrap_or(Task::Train);
        let context = extras::gather(self, task, wish, &history)?;
        let prompt = self.prompt(task, wish, &endpoint, &history, &context.blocks)?;
        // The head is that of the conversation, so that its thinking stays valid – unless another model is asked, or
        // the privacy level has changed what may be said.
        let mut head = conversation.head.clone();
        let fresh = request::head(&prompt, &endpoint, &tools);
        if head.model != endpoint.model || head.tools != fresh.tools {
            head = fresh;
        }
        let mut n_stripped = conversation.put_under(head);
        let (pictures, described) = self.pictures(wish, &endpoint)?;
        let words = text_block(&wish.request);
        match follow {
            Follow::On => {
                let mut blocks = decided(&conversation, earlier);
                blocks.extend(pictures);
                blocks.push(words);
                conversation.say(blocks);
            }
            Follow::Continue => {
                let mut blocks = decided(&conversation, earlier);
                blocks.push(text_block(&prompt::go_on(earlier.text.expose())));
                conversation.say(blocks);
            }
            Follow::Instead => {
                let last = conversation.last_words();
                conversation.fork(last + 1);
                let mut blocks = conversation.results_in(last);
                if last == 0 {
                    blocks.extend(request::first_message(&prompt, &endpoint, session.world.keep(), &pictures));
                } else {
                    blocks.extend(pictures);
                    blocks.push(words);
                }
                n_stripped += conversation.edit(last, blocks);
            }
        }
        self.priced(Question {
            follows: Some((experiment.to_owned(), *follow)),
            settings: earlier.settings.clone(),
            n_stripped,
            pictures: described,
            previous: earlier.message.clone(),
            ..self.unpriced(prompt, conversation, endpoint)
        })
        .await
    }

    /// A question whose bytes and price are not known yet.
    fn unpriced(self, prompt: Prompt, conversation: Conversation, endpoint: Endpoint) -> Question {
        Question {
            effort: prompt.effort.clone(),
            prompt,
            body: RawText::default(),
            conversation,
            endpoint,
            follows: None,
            n_stripped: 0,
            max_tokens: 0,
            most_usd: None,
            limit_usd: None,
            n_tokens: 0,
            is_counted: false,
            pictures: Vec::new(),
            frame: self.framing.fingerprint(),
            previous: None,
            settings: Vec::new(),
            curves: crate::domain::curves::Curves::default(),
        }
    }

    fn prompt(
        self,
        task: Task,
        wish: &Wish,
        endpoint: &Endpoint,
        history: &History,
        extras: &[(&'static str, Vec<String>)],
    ) -> Result<Prompt, Failure> {
        let session = self.session;
        let privacy = self.framing.privacy;
        let digest = digest::digest(history, &session.project.data_name, &self.framing.fingerprint(), privacy);
        let sample = if privacy >= Privacy::Masked { Some(session.table.page(0, 20)?) } else { None };
        let packages =
            session.packages().into_iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>();
        session.project.make_state()?;
        let inputs = Inputs {
            task,
            framing: Some(self.framing),
            profile: &self.known.profile,
            warnings: &self.known.warnings,
            history: &digest,
            request: &wish.request,
            settings: &extras::told(wish),
            extras,
            sample: sample.as_ref(),
            mask_key: &session.project.mask_key(),
            packages: &packages,
            has_tools: offered(endpoint, privacy).contains(&Tool::ProposeFiles),
            privacy,
            budget: request::prompt_budget(endpoint, &session.world.models),
        };
        prompt::render(&session.project.template(task), inputs)
    }

    /// Pictures that the person's words name by their path, made small.
    fn pictures(self, wish: &Wish, endpoint: &Endpoint) -> Result<(Vec<RawText>, Vec<String>), Failure> {
        let (mut blocks, mut described) = (Vec::new(), Vec::new());
        for path in wish.pictures(picture::is_picture) {
            let near = self.session.project.data.parent().map(|folder| folder.join(&path)).unwrap_or_default();
            let path = if std::path::Path::new(&path).is_absolute() { std::path::PathBuf::from(&path) } else { near };
            if !path.is_file() {
                continue;
            }
            if !endpoint.sees_images() {
                return Err(Failure::input(
                    safe!("{}", path.display()),
                    safe!("{} does not see pictures", endpoint.label()),
                    safe!("leave the path out, or choose another model: m"),
                ));
            }
            let picture = picture::load(&path).map_err(|error| {
                Failure::input(safe!("{}", path.display()), safe!("{error:#}"), safe!("leave the path out"))
            })?;
            described.push(picture.describe());
            blocks.push(picture.block());
        }
        Ok((blocks, described))
    }

    async fn priced(self, mut question: Question) -> Result<Question, Failure> {
        let world = &self.session.world;
        let (endpoint, models) = (&question.endpoint, &world.models);
        let guessed = question.guess_tokens();
        question.max_tokens = request::max_tokens(endpoint, models, guessed);
        question.body = self.body(&question, &question.conversation, question.previous.as_deref())?;
        let counted = world.client(endpoint).count_tokens(endpoint, question.body.expose()).await;
        question.n_tokens = counted.unwrap_or(guessed);
        question.is_counted = counted.is_some();
        let most = Usage {
            input_tokens: Some(question.n_tokens),
            output_tokens: Some(question.max_tokens),
            // Everything may have to be written into the cache, which costs more than reading it.
            ..Usage::default()
        };
        question.most_usd = endpoint.cost(models, &endpoint.model, &most);
        if let (Some(usd), true) = (question.most_usd, endpoint.flags.cache_control) {
            let kept = Usage {
                input_tokens: Some(0),
                cache_creation_input_tokens: Some(question.n_tokens),
                cache_creation_1h_tokens: (world.keep() == Keep::Hour).then_some(question.n_tokens),
                ..most
            };
            question.most_usd = endpoint.cost(models, &endpoint.model, &kept).map(|kept| kept.max(usd));
        }
        Ok(question)
    }

    fn body(
        self,
        question: &Question,
        conversation: &Conversation,
        previous: Option<&str>,
    ) -> Result<RawText, Failure> {
        Request {
            endpoint: &question.endpoint,
            models: &self.session.world.models,
            conversation,
            max_tokens: question.max_tokens,
            effort: &question.effort,
            thinks: true,
            format: None,
            keep: self.session.world.keep(),
            previous,
        }
        .body()
    }

    /// Asks, runs the tools that are called, and keeps everything that comes: in the recording while it comes, in the
    /// history when it ends.
    pub async fn ask(
        self,
        question: &Question,
        parent: Option<String>,
        updates: &mpsc::Sender<Update>,
        cancel: &CancellationToken,
    ) -> Result<Asked, Failure> {
        let session = self.session;
        let name = format!("{}.stream", uuid::Uuid::now_v7().simple());
        // Of what was said before, only what is new is written down.
        let earlier = match &question.follows {
            Some((experiment, _)) => session.history()?.conversation(experiment),
            None => Conversation::default(),
        };
        let kept = question.conversation.n_common(&earlier);
        let head = (question.conversation.head != earlier.head).then(|| question.conversation.head.clone());
        let messages = question.conversation.messages[kept..].to_vec();
        // It is there, and held, before the question is in the history: nobody takes the answer for abandoned.
        let heading = Heading {
            rationale_recording: 1,
            task: question.prompt.task.id().to_owned(),
            endpoint: question.endpoint.name.clone(),
            model: question.endpoint.model.clone(),
            at: jiff::Timestamp::now().to_string(),
        };
        let path = recording::folder(&session.project.state).join(&name);
        let mut recorder = Recorder::create(&path, &heading).map_err(|error| {
            Failure::work(safe!("the recording"), safe!("{error:#}"), safe!("make room on the disk"))
        })?;
        let begun = session.begin_within(question.limit_usd, question.most_usd, |experiment| Event::Asked {
            experiment,
            parent,
            task: question.prompt.task.id().to_owned(),
            data: session.project.data_name.clone(),
            frame: question.frame.clone(),
            endpoint: question.endpoint.name.clone(),
            model: question.endpoint.model.clone(),
            request_hash: run::hash(question.body.expose()),
            recording: name.clone(),
            follows: question.follows.as_ref().map(|(experiment, _)| experiment.clone()),
            reserved_usd: question.most_usd.filter(|usd| *usd > 0.0),
            kept,
            head,
            messages,
            settings: question.settings.clone(),
        });
        let begun = begun.inspect_err(|_| {
            let _ = std::fs::remove_file(&path);
        })?;
        let experiment = begun.event.experiment().unwrap_or_default().to_owned();
        let client = session.world.client(&question.endpoint);
        let mut rounds = Rounds {
            desk: self,
            question,
            client,
            experiment: experiment.clone(),
            conversation: question.conversation.clone(),
            turn: None,
            usd: Some(0.0),
            saved: 0.0,
            is_estimate: false,
            previous: question.previous.clone(),
            was_stripped: false,
        };
        let outcome = rounds.go(&mut recorder, updates, cancel).await;
        recorder.sync();
        let broken = outcome.as_ref().ok().and_then(Clone::clone);
        let turn = rounds.turn.take().unwrap_or_else(|| Turn::empty(StopReason::Interrupted));
        let mut suggestion = suggestion::parse(question.prompt.task, &turn);
        if let Some((earlier, Follow::Continue)) = &question.follows {
            let before = session.history()?.find(earlier).map(|earlier| earlier.text.clone()).unwrap_or_default();
            suggestion = suggestion::joined(question.prompt.task, before.expose(), &turn);
        }
        if let Some(said) = claims::unfounded(turn.text().as_str(), &rounds.conversation) {
            if question.follows.is_some() && suggestion.files.is_empty() {
                // An answer in words leaves the card of what is under review as it is.
                let _ = updates.send(Update::Note(said)).await;
            } else {
                suggestion.warnings.push(said);
            }
        }
        session.record(crate::effects::session::answered(
            &experiment,
            &turn,
            &suggestion,
            money::Bill { usd: rounds.usd, saved_usd: rounds.saved, is_estimate: rounds.is_estimate },
        ))?;
        drop(recorder);
        match outcome {
            Err(failure) => Err(failure),
            Ok(_) => Ok(Asked { experiment, turn, suggestion, cost_usd: rounds.usd, broken }),
        }
    }
}

/// The rounds of one question.
struct Rounds<'a> {
    desk: Desk<'a>,
    question: &'a Question,
    client: Client,
    experiment: String,
    conversation: Conversation,
    turn: Option<Turn>,
    usd: Option<f64>,
    saved: f64,
    is_estimate: bool,
    previous: Option<String>,
    was_stripped: bool,
}

impl Rounds<'_> {
    /// Goes round by round until an answer needs nothing more. Returns why it broke off, where it did.
    async fn go(
        &mut self,
        recorder: &mut Recorder,
        updates: &mpsc::Sender<Update>,
        cancel: &CancellationToken,
    ) -> Result<Option<SafeText>, Failure> {
        let mut next_block = 0;
        for round in 0..MAX_ROUNDS {
            if round > 0
                && let Some(why) = self.is_too_dear()
            {
                return Ok(Some(why));
            }
            let answered = self.one(next_block, recorder, updates, cancel).await?;
            let turn = answered.turn;
            self.pay(&turn);
            let mut said: Vec<Message> = self.conversation.hear(&turn).into_iter().collect();
            let (stop, calls, first) = (turn.stop.clone(), turn.calls(), next_block);
            next_block = answered.next_block;
            if !turn.id.is_empty() {
                self.previous = Some(turn.id.clone());
            }
            self.turn = Some(match self.turn.take() {
                Some(earlier) => earlier.and_then(turn),
                None => turn,
            });
            if answered.broken.is_some() {
                self.keep_messages(said)?;
                return Ok(answered.broken);
            }
            match stop {
                StopReason::ToolUse if !calls.is_empty() => {
                    let proposes = calls.iter().any(|call| call.name == Tool::ProposeFiles.name());
                    let mut results = Vec::new();
                    for call in &calls {
                        let given = self.give(&call.name, &call.input);
                        recorder.record(
                            rounds::result_event(first + call.block, &given.summary, given.is_error).as_bytes(),
                        );
                        let event = StreamEvent::ToolResult {
                            index: first + call.block,
                            summary: RawText::new(&given.summary),
                            is_error: given.is_error,
                        };
                        let _ = updates.send(Update::Event(event)).await;
                        // What was decided about proposed files is known later, and goes back with the next words.
                        if call.name != Tool::ProposeFiles.name() {
                            results.push(result_block(&call.id, &given.content, given.is_error));
                        }
                    }
                    said.extend(self.conversation.say(results));
                    self.keep_messages(said)?;
                    if proposes {
                        return Ok(None);
                    }
                }
                // The server asks to be asked again with what it has said.
                StopReason::PauseTurn => self.keep_messages(said)?,
                _ => {
                    self.keep_messages(said)?;
                    return Ok(None);
                }
            }
            if cancel.is_cancelled() {
                return Ok(Some("you stopped it".into()));
            }
        }
        Ok(Some(safe!("it called tools {MAX_ROUNDS} times without coming to an end")))
    }

    async fn one(
        &mut self,
        first_block: usize,
        recorder: &mut Recorder,
        updates: &mpsc::Sender<Update>,
        cancel: &CancellationToken,
    ) -> Result<Answered, Failure> {
        let endpoint = &self.question.endpoint;
        loop {
            let body = self.desk.body(self.question, &self.conversation, self.previous.as_deref())?;
            let answered = self
                .client
                .stream(Sending { endpoint, body: body.expose(), first_block }, recorder, updates, cancel)
                .await;
            match answered {
                Ok(answered) => return Ok(answered),
                Err(no) if no.refuses_thinking && !self.was_stripped => {
                    self.was_stripped = true;
                    let n = self.conversation.strip_thinking();
                    if n == 0 {
                        return Err(no.failure);
                    }
                    let said = safe!(
                        "the server refused earlier thinking (its signature is bound to another conversation); {n} blocks of it were taken out and it was asked once more"
                    );
                    let _ = updates.send(Update::Note(said)).await;
                }
                Err(no) => {
                    if self.turn.is_none() && first_block == 0 {
                        self.usd = Some(0.0);
                    }
                    return Err(no.failure);
                }
            }
        }
    }

    fn give(&self, name: &str, input: &RawText) -> Given {
        let toolbox = Toolbox { session: self.desk.session, known: self.desk.known, framing: self.desk.framing };
        tokio::task::block_in_place(|| toolbox.call(name, input))
    }

    /// Adds the price of a round, an estimate where the stream ended before the server told.
    fn pay(&mut self, turn: &Turn) {
        let (endpoint, models) = (&self.question.endpoint, &self.desk.session.world.models);
        let model = if turn.model.is_empty() { &endpoint.model } else { &turn.model };
        let mut usage = turn.usage;
        if turn.stop == StopReason::Interrupted {
            let written: u64 = turn.blocks.iter().map(|(_, text)| guess_tokens(text.expose())).sum();
            usage.output_tokens = Some(usage.output_tokens.unwrap_or(0).max(written));
            usage.input_tokens = usage.input_tokens.or(Some(self.question.n_tokens));
            self.is_estimate = true;
        }
        self.usd = match (self.usd, endpoint.cost(models, model, &usage)) {
            (Some(before), Some(now)) => Some(before + now),
            _ => None,
        };
        self.saved += endpoint.saved(models, model, &usage).unwrap_or(0.0);
    }

    /// Why another round must not be paid; nothing where it may.
    fn is_too_dear(&self) -> Option<SafeText> {
        let limit = self.question.limit_usd?;
        let most = self.question.most_usd?;
        let spent = self.usd?;
        (spent + most > limit)
            .then(|| safe!("the spending cap leaves no room for another round of tools; what came is kept"))
    }

    /// Writes down what was said.
    fn keep_messages(&self, messages: Vec<Message>) -> Result<(), Failure> {
        if !messages.is_empty() {
            self.desk.session.record(Event::Said { experiment: self.experiment.clone(), messages })?;
        }
        Ok(())
    }
}

fn offered(endpoint: &Endpoint, privacy: Privacy) -> Vec<Tool> {
    if endpoint.flags.tools { Tool::offered(privacy, endpoint.sees_images()) } else { Vec::new() }
}

/// Results for calls that still wait for one: what the person decided about proposed files.
fn decided(conversation: &Conversation, earlier: &crate::domain::experiment::Experiment) -> Vec<RawText> {
    use crate::domain::experiment::Decision;
    let reason = earlier.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", reason.expose()));
    let (text, is_error) = match earlier.decision {
        Decision::Accepted => ("The person accepted the files as they are.".to_owned(), false),
        Decision::Edited => ("The person accepted the files after changing them.".to_owned(), false),
        Decision::Rejected => (format!("The person rejected the files{reason}"), true),
        Decision::Pending => ("The person has not decided yet.".to_owned(), false),
    };
    let rejected = earlier.rejected_hunks();
    let text = if rejected.is_empty() { text } else { format!("{text} Of them, {}.", rejected.join("; ")) };
    let content = RawText::new(format!("[{}]", text_block(&text).expose()));
    conversation.open_calls().iter().map(|call| result_block(call, &content, is_error)).collect()
}
