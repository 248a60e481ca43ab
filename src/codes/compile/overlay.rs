//! Lays a user's own rules over a compiled catalogue. It must not know how the
//! built-in files are read.

use std::collections::HashMap;

use super::super::rows::*;
use super::super::source::{self, Mistake};
use super::{Compiler, Done, short};

/// Lays files of a user's own over a compiled catalogue: entries are added,
/// known ids changed or retired, rules added. `files` holds each file's name
/// and content.
///
/// # Errors
/// The first [`Mistake`] found, with file and entry.
pub fn overlay(base: &Tables, files: &[(String, source::Own)]) -> Result<Tables, Mistake> {
    let mut c = Compiler::on(base);
    for (file, own) in files {
        c.own_concepts(file, own)?;
    }
    for (file, own) in files {
        c.own_file(file, own)?;
    }
    c.finish()
}

impl Compiler {
    /// A compiler that goes on from a compiled catalogue.
    fn on(base: &Tables) -> Compiler {
        let number = |n: usize| short(n);
        let named = |names: Vec<&str>| -> HashMap<String, u16> {
            names.into_iter().enumerate().map(|(n, name)| (name.to_string(), number(n))).collect()
        };
        let words = named(base.words().collect());
        let mut terms = HashMap::new();
        for (n, t) in base.terms.iter().enumerate() {
            for name in std::iter::once(base.str(t.term)).chain(base.strs(t.aliases)) {
                terms.entry(name.to_lowercase()).or_insert(short(n));
            }
        }
        Compiler {
            text: base.text.clone().into_owned(),
            nums: base.nums.clone().into_owned(),
            parts: base.parts.clone().into_owned(),
            strs: base.strs.clone().into_owned(),
            reply_codes: base.reply_codes.clone().into_owned(),
            reply_statuses: base.reply_statuses.clone().into_owned(),
            causes: base.causes.clone().into_owned(),
            speakers: base.speakers.clone().into_owned(),
            entries: base.entries.clone().into_owned(),
            concepts: base.concepts.clone().into_owned(),
            rules: base.rules.clone().into_owned(),
            codes: base.codes.clone().into_owned(),
            code_classes: base.code_classes.clone().into_owned(),
            code_subjects: base.code_subjects.clone().into_owned(),
            statuses: base.statuses.clone().into_owned(),
            status_classes: base.status_classes.clone().into_owned(),
            status_subjects: base.status_subjects.clone().into_owned(),
            terms: base.terms.clone().into_owned(),
            sources: base.sources.clone().into_owned(),
            words: base.words.clone().into_owned(),
            word_ends: base.word_ends.clone().into_owned(),
            word_numbers: words.into_iter().map(|(w, n)| (w, n + FIRST_WORD)).collect(),
            phrases: base.phrases.iter().map(|p| (base.parts(p.parts).to_vec(), p.target)).collect(),
            cause_numbers: named(base.causes.iter().map(|c| base.str(c.id)).collect()),
            concept_numbers: named(base.concepts.iter().map(|c| base.str(c.id)).collect()),
            term_numbers: terms,
            negator: base.negator,
            first_own: short(base.entries.len()),
            ..Compiler::default()
        }
    }

    fn own_concepts(&mut self, file: &str, own: &source::Own) -> Done<()> {
        for concept in &own.concept {
            self.go(file, &concept.id);
            let number = short(self.concepts.len());
            if self.concept_numbers.insert(concept.id.clone(), number).is_some() {
                return self.mistake("a concept of this name is known already".into());
            }
            let row = self.concept_row(concept)?;
            self.concepts.push(row);
            self.add_phrases(&concept.any, |_| Target::Concept(number))?;
        }
        Ok(())
    }

    fn own_file(&mut self, file: &str, own: &source::Own) -> Done<()> {
        for rule in &own.rule {
            self.go(file, &rule.id);
            let row = self.rule(rule)?;
            self.rules.push(row);
        }
        for change in &own.change {
            self.go(file, &change.id);
            self.change(change)?;
        }
        for id in &own.retire {
            self.go(file, id);
            let number = self.known_entry(id)?;
            self.phrases.retain(|(_, target)| entry_of(*target) != Some(number));
            self.entries[number as usize].retired = true;
        }
        if own.entry.is_empty() { Ok(()) } else { self.own_entries(file, own) }
    }

    fn own_entries(&mut self, file: &str, own: &source::Own) -> Done<()> {
        self.go(file, "");
        let Some(provider) = &own.provider else {
            return self.mistake("entries need a 'provider' at the top of the file".into());
        };
        let speaker = source::Speaker {
            provider: provider.clone(),
            name: own.name.clone().unwrap_or_else(|| provider.clone()),
            hosts: own.hosts.clone(),
            marks: own.marks.clone(),
            habit: String::new(),
            sources: own.sources.clone(),
            entry: Vec::new(),
        };
        let known = self.speakers.iter().position(|s| self.held(s.id) == *provider);
        let number = match known {
            Some(number) => short(number),
            None => self.own_speaker(&speaker)?,
        };
        for entry in &own.entry {
            self.go(file, &entry.id);
            if !entry.id.starts_with(&format!("{provider}-")) {
                return self.mistake(format!("the id must begin with '{provider}-'"));
            }
            if self.entries.iter().any(|e| self.held(e.id) == entry.id) {
                return self.mistake("this id is known already; use [[change]] to alter a known entry".into());
            }
            let row = self.entry(entry, &speaker, number)?;
            self.entries.push(row);
        }
        Ok(())
    }

    fn own_speaker(&mut self, s: &source::Speaker) -> Done<u16> {
        let number = short(self.speakers.len());
        self.add_phrases(&s.marks, |_| Target::Mark(number))?;
        let (id, name, hosts) = (self.str(&s.provider), self.str(&s.name), self.str_list(&s.hosts));
        let entries = List::default();
        self.speakers.push(SpeakerRow { id, name, kind: Kind::Provider, hosts, habit: Str::default(), entries });
        Ok(number)
    }

    fn change(&mut self, change: &source::Change) -> Done<()> {
        let number = self.known_entry(&change.id)? as usize;
        if let Some(cause) = &change.cause {
            self.entries[number].cause = self.cause(cause)?;
        }
        if let Some(verdict) = &change.verdict {
            self.entries[number].verdict = Some(self.verdict(verdict)?);
        }
        if let Some(who) = &change.who {
            self.entries[number].who = Some(self.who(who)?);
        }
        if let Some(title) = &change.title {
            self.entries[number].title = self.str(title);
        }
        if let Some(means) = &change.means {
            self.entries[number].means = self.str(means);
        }
        if !change.first.is_empty() {
            self.entries[number].first = self.str_list(&change.first);
        }
        Ok(())
    }

    fn known_entry(&self, id: &str) -> Done<u16> {
        let found = self.entries.iter().position(|e| self.held(e.id) == id);
        found.map_or_else(|| self.mistake("no entry has this id".into()), |n| Ok(short(n)))
    }

    fn held(&self, s: Str) -> &str {
        let start = s.at as usize;
        &self.text[start..start + usize::from(s.len)]
    }
}

/// The entry that a phrase counts for.
fn entry_of(target: Target) -> Option<u16> {
    match target {
        Target::Says(e, _) | Target::Also(e) | Target::Not(e) | Target::Whole(e) => Some(e),
        Target::Mark(_) | Target::Registry(_) | Target::Concept(_) => None,
    }
}
