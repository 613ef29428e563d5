//! Batches that outlive the program: a manifest on disk before anything is sent, results that are never lost and never
//! paid for twice knowingly.
//!
//! A folder each in `.rationale/batches`: `manifest.json`, `requests.jsonl`, `results.jsonl`. Each name of a request
//! begins with a token of its manifest, by which a batch is known again whose answer never came.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::domain::batch::{self, Batch, Fate, Item, State};
use crate::domain::endpoint::Endpoint;
use crate::domain::experiment::Event;
use crate::domain::failure::Failure;
use crate::domain::money::Bill;
use crate::domain::suggestion;
use crate::domain::task::Task;
use crate::domain::turn::{StopReason, Turn, Usage};
use crate::effects::api::Client;
use crate::effects::api::accumulate::Accumulator;
use crate::effects::api::batches::NotTaken;
use crate::effects::session::{self, Session};
use crate::safe;
use crate::text::RawText;

/// What is known of a batch, on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its folder.
    pub name: String,
    /// Where we stand.
    pub state: State,
    /// The beginning of every name of a request.
    pub token: String,
    /// When it was written, RFC 3339 UTC.
    pub created_at: String,
    /// Name of the endpoint.
    pub endpoint: String,
    /// Requests.
    pub n_requests: u64,
    /// BLAKE3 of `requests.jsonl`.
    pub requests_hash: String,
    /// The server's name for it, once it is known.
    pub id: Option<String>,
    /// The batch whose failed requests are sent again here.
    pub again: Option<String>,
}

/// A batch with its folder.
#[derive(Clone, Debug)]
pub struct Stored {
    folder: PathBuf,
    /// What is known of it.
    pub manifest: Manifest,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    custom_id: String,
    #[serde(borrow)]
    params: &'a serde_json::value::RawValue,
}

/// Waits between looks: from a quarter of a minute to a minute.
pub fn wait(look: u32) -> Duration {
    Duration::from_secs(15 * u64::from(1 + look.min(3)))
}

/// How long a batch that was just taken may be unknown to the server.
const UNKNOWN_FOR: u32 = 8;

fn failed(error: &anyhow::Error) -> Failure {
    Failure::work(safe!("the batch"), safe!("{error:#}"), safe!("make room on the disk or check its permissions"))
}

/// Writes requests down as a batch that is about to be sent. `rows` are JSON requests; each gets its name.
pub fn prepare(
    state: &Path,
    endpoint: &Endpoint,
    rows: &[RawText],
    again: Option<&str>,
) -> Result<Vec<Stored>, Failure> {
    let run = uuid::Uuid::now_v7().simple().to_string();
    // As long as the names that the requests get, so that the limits are checked with the right length.
    let items = rows
        .iter()
        .enumerate()
        .map(|(at, params)| Item { custom_id: format!("{}-{at:06}", token(&run, 0)), params: params.clone() })
        .collect();
    let batches =
        batch::split(items).map_err(|why| Failure::input(safe!("the batch"), safe!("{why}"), safe!("send less")))?;
    batches
        .into_iter()
        .enumerate()
        .map(|(part, mut items)| {
            // Parts may be of one size: each has a token of its own, or one would be taken for the other.
            let token = token(&run, part);
            for item in &mut items {
                let number = item.custom_id.rsplit('-').next().unwrap_or_default();
                item.custom_id = format!("{token}-{number}");
            }
            lay_out(state, &format!("{run}-{part}"), &token, endpoint, &items, again).map_err(|error| failed(&error))
        })
        .collect()
}

/// The token of one part of a run: chance and the number of the part.
fn token(run: &str, part: usize) -> String {
    format!("{}{part:03}", &run[run.len() - 6..])
}

fn lay_out(
    state: &Path,
    name: &str,
    token: &str,
    endpoint: &Endpoint,
    items: &[Item],
    again: Option<&str>,
) -> Result<Stored> {
    let folder = folder(state).join(name);
    fs::create_dir_all(&folder)?;
    let mut text = String::new();
    for item in items {
        // A line end stands between two parts of JSON, never inside of one.
        let params = item.params.expose().replace(['\n', '\r'], " ");
        let params = serde_json::value::RawValue::from_string(params)?;
        text.push_str(&serde_json::to_string(&Line { custom_id: item.custom_id.clone(), params: &params })?);
        text.push('\n');
    }
    write_whole(&folder.join("requests.jsonl"), text.as_bytes())?;
    let manifest = Manifest {
        name: name.to_owned(),
        state: State::Submitting,
        token: token.to_owned(),
        created_at: jiff::Timestamp::now().to_string(),
        endpoint: endpoint.name.clone(),
        n_requests: items.len() as u64,
        requests_hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        id: None,
        again: again.map(ToOwned::to_owned),
    };
    let stored = Stored { folder, manifest };
    stored.save()?;
    Ok(stored)
}

/// Where batches of a project lie.
pub fn folder(state: &Path) -> PathBuf {
    state.join("batches")
}

/// Every batch of a project, the oldest first.
pub fn all(state: &Path) -> Vec<Stored> {
    let Ok(entries) = fs::read_dir(folder(state)) else { return Vec::new() };
    let mut found: Vec<Stored> = entries
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            let manifest = serde_json::from_slice(&fs::read(folder.join("manifest.json")).ok()?).ok()?;
            Some(Stored { folder, manifest })
        })
        .collect();
    found.sort_by(|a, b| a.manifest.name.cmp(&b.manifest.name));
    found
}

/// A file that is whole or not there, and durable.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file needs a folder")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

impl Stored {
    fn save(&self) -> Result<()> {
        write_whole(&self.folder.join("manifest.json"), &serde_json::to_vec_pretty(&self.manifest)?)
    }

    fn set(&mut self, state: State, id: Option<String>) -> Result<(), Failure> {
        self.manifest.state = state;
        self.manifest.id = id.or_else(|| self.manifest.id.take());
        self.save().map_err(|error| failed(&error))
    }

    /// The requests as they were written down.
    pub fn items(&self) -> Result<Vec<Item>, Failure> {
        let read = || -> Result<Vec<Item>> {
            let text = fs::read_to_string(self.folder.join("requests.jsonl"))?;
            let hash = blake3::hash(text.as_bytes()).to_hex();
            anyhow::ensure!(
                hash.as_str() == self.manifest.requests_hash,
                "its requests are not those that were written down"
            );
            text.lines()
                .map(|line| {
                    let line: Line<'_> = serde_json::from_str(line)?;
                    Ok(Item { custom_id: line.custom_id, params: RawText::new(line.params.get()) })
                })
                .collect()
        };
        read().map_err(|error| failed(&error))
    }

    /// Sends the batch. Where no answer comes, it is left in doubt and looked for by [`Stored::step`].
    pub async fn submit(&mut self, client: &Client, endpoint: &Endpoint) -> Result<(), Failure> {
        match client.create_batch(endpoint, &self.items()?).await {
            Ok(batch) => self.set(State::Submitted, Some(batch.id)),
            Err(NotTaken::Unknown(failure)) => Err(failure),
            Err(NotTaken::Refused(failure)) => {
                // Nothing was begun, so nothing has to be looked for.
                let _ = fs::remove_dir_all(&self.folder);
                Err(failure)
            }
        }
    }

    /// Goes one step on: looks for what is in doubt, asks how it stands, fetches what is there. Returns the batch as the
    /// server tells of it, where it does.
    pub async fn step(&mut self, client: &Client, endpoint: &Endpoint, look: u32) -> Result<Option<Batch>, Failure> {
        match self.manifest.state {
            State::Submitting => self.find(client, endpoint, look).await,
            State::Submitted => {
                let id = self.manifest.id.clone().unwrap_or_default();
                let Some(batch) = client.batch_or_none(endpoint, &id).await? else {
                    if look < UNKNOWN_FOR {
                        return Ok(None);
                    }
                    return Err(Failure::work(
                        safe!("batch {id}"),
                        safe!("the server does not know it any more"),
                        safe!("results are kept for 29 days; send the requests again if you need them"),
                    ));
                };
                if batch.is_ended() {
                    self.set(State::Ended, None)?;
                }
                Ok(Some(batch))
            }
            State::Ended => {
                let id = self.manifest.id.clone().unwrap_or_default();
                self.fetch(client, endpoint, &id).await?;
                let batch = client.batch_or_none(endpoint, &id).await?;
                self.check_complete(batch.as_ref())?;
                self.set(State::Collected, None)?;
                Ok(batch)
            }
            State::Unsure | State::Collected => Ok(None),
        }
    }

    /// Looks for a batch whose answer never came: taken after the manifest was written, of the same size, and – once it
    /// has ended – with our token in its names. Nothing is sent.
    async fn find(&mut self, client: &Client, endpoint: &Endpoint, look: u32) -> Result<Option<Batch>, Failure> {
        let written: Option<jiff::Timestamp> = self.manifest.created_at.parse().ok();
        let known: Vec<String> = self
            .folder
            .parent()
            .and_then(Path::parent)
            .map(all)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|other| other.manifest.id)
            .collect();
        let recent = client.batches(endpoint, 200).await?;
        let candidates: Vec<Batch> = recent
            .into_iter()
            .filter(|batch| {
                let taken: Option<jiff::Timestamp> = batch.created_at.parse().ok();
                let is_later = matches!((written, taken), (Some(written), Some(taken)) if taken.as_second() + 60 >= written.as_second());
                is_later && batch.request_counts.total() == self.manifest.n_requests && !known.contains(&batch.id)
            })
            .collect();
        let mut is_open = false;
        for batch in candidates {
            if !batch.is_ended() {
                is_open = true;
                continue;
            }
            let mut first = Vec::new();
            let _ = client
                .batch_results(endpoint, &batch.id, &mut |piece| {
                    first.extend_from_slice(piece);
                    // A few names are enough.
                    if first.len() > 100_000 { Err(std::io::Error::other("enough")) } else { Ok(()) }
                })
                .await;
            let text = String::from_utf8_lossy(&first);
            let is_ours = text.lines().filter_map(batch::read_line).any(|(id, _)| self.is_ours(&id));
            if is_ours {
                self.set(State::Ended, Some(batch.id.clone()))?;
                return Ok(Some(batch));
            }
        }
        if !is_open && look >= UNKNOWN_FOR {
            self.set(State::Unsure, None)?;
        }
        Ok(None)
    }

    /// Sends a batch again of which nothing was found. Only a person may decide that: it may be paid twice.
    pub async fn send_again(&mut self, client: &Client, endpoint: &Endpoint) -> Result<(), Failure> {
        if self.manifest.state != State::Unsure {
            return Err(Failure::input(
                safe!("batch {}", self.manifest.name),
                safe!("it is not in doubt"),
                safe!("wait for its results"),
            ));
        }
        self.set(State::Submitting, None)?;
        self.submit(client, endpoint).await
    }

    /// Asks the server to stop.
    pub async fn cancel(&self, client: &Client, endpoint: &Endpoint) -> Result<(), Failure> {
        match &self.manifest.id {
            Some(id) => client.cancel_batch(endpoint, id).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Writes the results line by line; what is there already is not lost, a line that is cut is written again whole.
    async fn fetch(&self, client: &Client, endpoint: &Endpoint, id: &str) -> Result<(), Failure> {
        let path = self.folder.join("results.jsonl");
        let mut file =
            OpenOptions::new().create(true).append(true).open(&path).map_err(|error| failed(&error.into()))?;
        // A line that was cut before must not run into the next one.
        let _ = file.write_all(b"\n");
        client.batch_results(endpoint, id, &mut |piece| file.write_all(piece)).await?;
        file.sync_all().map_err(|error| failed(&error.into()))
    }

    /// Whether a name of a request belongs to this batch.
    fn is_ours(&self, custom_id: &str) -> bool {
        custom_id.strip_prefix(self.manifest.token.as_str()).is_some_and(|rest| rest.starts_with('-'))
    }

    /// Fails where results are missing. Some servers write no line for what was not done; then their count says so.
    fn check_complete(&self, batch: Option<&Batch>) -> Result<(), Failure> {
        let results = self.results();
        let not_done = results.values().filter(|fate| matches!(fate, Fate::Canceled | Fate::Expired)).count() as u64;
        let missing = self.manifest.n_requests.saturating_sub(results.len() as u64);
        let counted = batch.map_or(0, |batch| batch.request_counts.canceled + batch.request_counts.expired);
        if missing == 0 || missing + not_done == counted {
            return Ok(());
        }
        Err(Failure::work(
            safe!("batch {}", self.manifest.name),
            safe!("{missing} of {} results are missing", self.manifest.n_requests),
            safe!("fetch them again in a while; what came is kept"),
        ))
    }

    /// What became of each request, by its name; of several lines on one the last whole one counts.
    pub fn results(&self) -> BTreeMap<String, Fate> {
        let Ok(file) = File::open(self.folder.join("results.jsonl")) else { return BTreeMap::new() };
        BufReader::new(file)
            .lines()
            .map_while(std::result::Result::ok)
            .filter_map(|line| batch::read_line(&line))
            .filter(|(id, _)| self.is_ours(id))
            .collect()
    }

    /// Requests that may be sent again with hope, with the place of each among the requests.
    pub fn to_retry(&self) -> Result<Vec<(usize, RawText)>, Failure> {
        let results = self.results();
        let items = self.items()?;
        Ok(items
            .into_iter()
            .enumerate()
            // Once all results are here, a request without one was not done.
            .filter(|(_, item)| match results.get(&item.custom_id) {
                Some(fate) => fate.may_retry(),
                None => self.manifest.state == State::Collected,
            })
            .map(|(at, item)| (at, item.params))
            .collect())
    }
}

/// Sets aside what a batch will cost at most, within what is left of the cap. Returns the experiment that it belongs to.
pub fn reserve(
    session: &Session,
    endpoint: &Endpoint,
    most_usd: Option<f64>,
    limit_usd: Option<f64>,
) -> Result<String, Failure> {
    let begun = session.begin_within(limit_usd, most_usd, |experiment| Event::Asked {
        experiment,
        parent: None,
        task: "batch".to_owned(),
        data: session.project.data_name.clone(),
        frame: String::new(),
        endpoint: endpoint.name.clone(),
        model: endpoint.model.clone(),
        request_hash: String::new(),
        recording: String::new(),
        follows: None,
        kept: 0,
        reserved_usd: most_usd.filter(|usd| *usd > 0.0),
        head: None,
        messages: Vec::new(),
        settings: Vec::new(),
    })?;
    Ok(begun.event.experiment().unwrap_or_default().to_owned())
}

/// Writes down what a collected batch has cost: what succeeded, at half the price; nothing else is billed.
pub fn bill(session: &Session, endpoint: &Endpoint, experiment: &str, stored: &Stored) -> Result<Bill, Failure> {
    let models = &session.world.models;
    let (mut usage, mut usd, mut saved) = (Usage::default(), Some(0.0), 0.0);
    for fate in stored.results().into_values() {
        let Fate::Succeeded(message) = fate else { continue };
        let (mut accumulator, mut events) = (Accumulator::default(), Vec::new());
        accumulator.take_whole(message.expose().as_bytes(), &mut events);
        let turn = accumulator.finish(None);
        let mut used = turn.usage;
        used.rate.is_batch = true;
        let model = if turn.model.is_empty() { &endpoint.model } else { &turn.model };
        usd = usd.and_then(|sum| Some(sum + endpoint.cost(models, model, &used)?));
        saved += endpoint.saved(models, model, &used).unwrap_or(0.0);
        usage = usage.plus(used);
    }
    let turn = Turn { usage, model: endpoint.model.clone(), ..Turn::empty(StopReason::EndTurn) };
    let bill = Bill { usd, saved_usd: saved, is_estimate: false };
    let suggestion = suggestion::parse(Task::Explore, &turn);
    session.record(session::answered(experiment, &turn, &suggestion, bill))?;
    Ok(bill)
}
