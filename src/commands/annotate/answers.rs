//! What replies mean, as JSON, asked once for equal replies. It must not know
//! where a reply stood.

use std::collections::HashMap;

use anyhow::Result;

use crate::catalogue::{Catalogue, Speaker};
use crate::codes::rows::Verdict;
use crate::codes::status::Stage;
use crate::matcher::Context;
use crate::{explain, render};

/// A reply and what is known besides its text.
pub struct Question<'a> {
    pub reply: &'a str,
    pub relay: Option<&'a str>,
    pub stage: Option<Stage>,
    pub inbound: bool,
}

/// The verdict, and the whole answer as a JSON object.
pub struct Answer {
    pub verdict: Verdict,
    pub json: String,
}

/// Bytes of questions and answers kept: some thousand of usual length.
const KEPT: usize = 16 << 20;

/// Explains replies, and keeps the answers to the latest.
pub struct Answers {
    catalogue: Catalogue,
    speaker: Option<Speaker>,
    known: HashMap<String, Answer>,
    size: usize,
    /// The key of the question at hand; kept for its memory.
    key: String,
}

impl Answers {
    pub fn new(catalogue: Catalogue, speaker: Option<Speaker>) -> Answers {
        Answers { catalogue, speaker, known: HashMap::new(), size: 0, key: String::new() }
    }

    /// The answer to one question.
    ///
    /// # Errors
    /// None are known: an answer can always be written as JSON.
    pub fn to(&mut self, question: &Question<'_>) -> Result<&Answer> {
        question.write_key(&mut self.key);
        if !self.known.contains_key(self.key.as_str()) {
            let answer = self.ask(question)?;
            self.keep(answer);
        }
        Ok(&self.known[self.key.as_str()])
    }

    fn keep(&mut self, answer: Answer) {
        let size = self.key.len() + answer.json.len();
        if self.size + size > KEPT {
            self.known.clear();
            self.size = 0;
        }
        self.size += size;
        self.known.insert(self.key.clone(), answer);
    }

    fn ask(&self, question: &Question<'_>) -> Result<Answer> {
        let context = Context {
            speaker: self.speaker,
            relay: question.relay,
            stage: question.stage,
            inbound: question.inbound,
            ..Context::default()
        };
        let finding = explain::explain(self.catalogue, question.reply, context);
        Ok(Answer { verdict: finding.verdict, json: render::annotation(&finding)? })
    }
}

impl Question<'_> {
    /// Writes what tells this question from others.
    fn write_key(&self, key: &mut String) {
        key.clear();
        key.push(if self.inbound { 'i' } else { 'o' });
        key.push_str(self.stage.map_or("", Stage::name));
        key.push('\0');
        key.push_str(self.relay.unwrap_or(""));
        key.push('\0');
        key.push_str(self.reply);
    }
}
