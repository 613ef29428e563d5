//! Messages of jobs in batches, with neighbouring pieces of one block joined.

use tokio::sync::mpsc;

use crate::app::msg::{JobEvent, Msg};
use crate::domain::turn::StreamEvent;

/// Most messages that are taken at once.
const BATCH: usize = 256;

/// Waits for one message and takes what else is ready.
pub async fn next_batch(inbox: &mut mpsc::Receiver<Msg>) -> Option<Vec<Msg>> {
    let mut batch = vec![inbox.recv().await?];
    let mut n = 1;
    while n < BATCH
        && let Ok(msg) = inbox.try_recv()
    {
        n += 1;
        if let Some(msg) = join(&mut batch, msg) {
            batch.push(msg);
        }
    }
    Some(batch)
}

/// Joins a piece with the one before it, where both belong to one block; else gives it back.
fn join(batch: &mut [Msg], msg: Msg) -> Option<Msg> {
    let Msg::Job { id, event: JobEvent::Stream(StreamEvent::Delta { index, text }) } = &msg else { return Some(msg) };
    match batch.last_mut() {
        Some(Msg::Job { id: last, event: JobEvent::Stream(StreamEvent::Delta { index: its, text: before }) })
            if last == id && its == index =>
        {
            before.push(text.expose());
            None
        }
        _ => Some(msg),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::jobs::JobId;
    use crate::text::RawText;

    fn piece(id: u64, index: usize, text: &str) -> Msg {
        Msg::Job { id: JobId(id), event: JobEvent::Stream(StreamEvent::Delta { index, text: RawText::new(text) }) }
    }

    #[tokio::test]
    async fn neighbouring_pieces_of_one_block_are_joined_and_no_others() {
        let (sender, mut inbox) = mpsc::channel(16);
        let sent =
            [piece(1, 0, "a"), piece(1, 0, "b"), piece(1, 1, "c"), Msg::Clock(5), piece(1, 1, "d"), piece(2, 1, "e")];
        for msg in sent {
            sender.send(msg).await.unwrap();
        }
        let batch = next_batch(&mut inbox).await.unwrap();
        assert_eq!(batch, [piece(1, 0, "ab"), piece(1, 1, "c"), Msg::Clock(5), piece(1, 1, "d"), piece(2, 1, "e")]);
    }
}
