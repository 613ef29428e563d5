//! The conversation of an experiment, put together from all that it goes on from.

use crate::domain::conversation::Conversation;
use crate::domain::experiment::History;

impl History {
    /// The conversation of an experiment with all that it goes on from, as it was sent and as it came.
    pub fn conversation(&self, id: &str) -> Conversation {
        let mut chain = Vec::new();
        let mut next = self.find(id);
        // A chain can't be longer than the history, whatever a file says.
        while let Some(experiment) = next.filter(|_| chain.len() <= self.experiments.len()) {
            chain.push(experiment);
            next = experiment.talk.follows.as_ref().and_then(|(earlier, _)| self.find(earlier));
        }
        let mut conversation = Conversation::default();
        for experiment in chain.into_iter().rev() {
            let talk = &experiment.talk;
            conversation.fork(talk.follows.as_ref().map_or(0, |(_, kept)| *kept));
            if let Some(head) = &talk.head {
                conversation.head = head.clone();
            }
            for message in &talk.messages {
                conversation.add(message.clone());
            }
        }
        conversation
    }
}
