//! The generic layer: rules that combine concepts ("mailbox" + "full") found
//! close together in one clause, whatever the word order. It must not know
//! providers or codes of the catalogue's entries.

use crate::codes::rows::{NEGATED, RuleRow, Slot, Tables, Target};
use crate::codes::status::{Stage, Status};
use crate::codes::words::{Kind, Token};

use super::scan::{Hit, Scan};

/// A rule that holds, and the tokens it rests on.
#[derive(Clone, Copy, Debug)]
pub struct RuleHit {
    pub rule: u16,
    pub weight: u8,
    /// Words it rests on.
    pub words: u16,
    /// Words that stand between them.
    pub gap: u16,
    /// First and last token.
    pub start: u32,
    pub end: u32,
}

/// What a rule may ask of a reply besides its words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    pub code: Option<u16>,
    pub enhanced: Option<Status>,
    pub stage: Option<Stage>,
}

/// A concept found, in word positions (a thing such as an address counts as
/// one word).
#[derive(Clone, Copy, Debug)]
struct Mention {
    concept: u16,
    from: u16,
    to: u16,
    clause: u16,
    /// See [`Token::part`].
    part: u16,
    words: u16,
    /// Right behind a negating word.
    negated: bool,
    /// A negating word stands before it in the same clause.
    under_no: bool,
    start: u32,
    end: u32,
}

/// Words between a negating word and what it takes back.
const NEGATES_WITHIN: u16 = 1;
/// Words between "no" or "not" and what is missing: "no account by that name
/// was found".
const NO_REACHES: u16 = 6;

/// All rules that hold for the scanned text.
pub fn holding(tables: &Tables, scan: &Scan, numbers: Numbers) -> Vec<RuleHit> {
    let mentions = mentions(tables, scan);
    let present = mentions.iter().fold(Present::default(), |p, m| p.with(m.concept));
    let mut hits = Vec::new();
    for (number, rule) in tables.rules.iter().enumerate() {
        let possible = tables.nums(rule.needs).iter().all(|n| present.has(concept_of(*n)));
        if !possible || !numbers_fit(tables, rule, numbers) {
            continue;
        }
        if let Some(mut hit) = hold(tables, rule, &mentions) {
            hit.rule = u16::try_from(number).unwrap_or(u16::MAX);
            hits.push(hit);
        }
    }
    hits
}

/// Whether a concept is mentioned anywhere, negated or not.
pub fn mentions_any(tables: &Tables, scan: &Scan, concepts: &[u32]) -> bool {
    let found = mentions(tables, scan);
    concepts.iter().any(|c| found.iter().any(|m| m.concept == concept_of(*c)))
}

/// A set of concept numbers.
#[derive(Clone, Copy, Default)]
struct Present([u64; 4]);

impl Present {
    fn with(mut self, concept: u16) -> Present {
        self.0[concept as usize / 64 % 4] |= 1 << (concept % 64);
        self
    }

    fn has(self, concept: u16) -> bool {
        self.0[concept as usize / 64 % 4] >> (concept % 64) & 1 == 1
    }
}

fn concept_of(need: u32) -> u16 {
    (need & 0xffff) as u16
}

fn mentions(tables: &Tables, scan: &Scan) -> Vec<Mention> {
    let positions = positions(&scan.tokens);
    let mut found = Vec::new();
    for hit in &scan.hits {
        let Target::Concept(concept) = hit.target else { continue };
        let (start, last) = (hit.start as usize, hit.end as usize - 1);
        let inside = scan.tokens[start].inside || scan.tokens[last].inside && !ends_with_thing(tables, hit);
        if inside && !(tables.concepts[concept as usize].inside && in_host_or_link(&scan.tokens, start)) {
            continue;
        }
        found.push(Mention {
            concept,
            from: positions[start],
            to: positions[last] + 1,
            clause: scan.tokens[start].clause,
            part: scan.tokens[start].part,
            words: hit.words,
            negated: false,
            under_no: false,
            start: hit.start,
            end: hit.end,
        });
    }
    things(tables, &scan.tokens, &positions, &mut found);
    keep_first(&mut found);
    negate(tables, &mut found);
    found
}

/// The last that the phrase takes is a thing as a whole.
fn ends_with_thing(tables: &Tables, hit: &Hit) -> bool {
    tables.parts(hit.parts).last().is_some_and(|part| Slot::of(*part).is_some())
}

/// A reply names the same thing a few times; a text that goes on and on must
/// not take ever longer.
const MOST_MENTIONS: usize = 12;

fn keep_first(found: &mut Vec<Mention>) {
    found.sort_by_key(|m| m.start);
    let mut counts: Vec<usize> = Vec::new();
    found.retain(|m| {
        let at = m.concept as usize;
        if counts.len() <= at {
            counts.resize(at + 1, 0);
        }
        counts[at] += 1;
        counts[at] <= MOST_MENTIONS
    });
}

/// Words inside a mail address are somebody's name.
fn in_host_or_link(tokens: &[Token], at: usize) -> bool {
    let head = tokens[..=at].iter().rev().find(|t| !t.inside);
    head.is_some_and(|t| matches!(t.kind, Kind::Host | Kind::Url))
}

/// Addresses, hosts and links are mentions of the concepts that ask for them.
fn things(tables: &Tables, tokens: &[Token], positions: &[u16], found: &mut Vec<Mention>) {
    for (number, concept) in tables.concepts.iter().enumerate() {
        let Some(slot) = concept.slot else { continue };
        for (at, token) in tokens.iter().enumerate().filter(|(_, t)| is_a(slot, t)) {
            let start = u32::try_from(at).unwrap_or(u32::MAX);
            found.push(Mention {
                concept: u16::try_from(number).unwrap_or(u16::MAX),
                from: positions[at],
                to: positions[at] + 1,
                clause: token.clause,
                part: token.part,
                words: 0,
                negated: false,
                under_no: false,
                start,
                end: start + 1,
            });
        }
    }
}

fn is_a(slot: Slot, token: &Token) -> bool {
    match slot {
        Slot::Ip => token.kind == Kind::Ip,
        Slot::Addr => token.kind == Kind::Addr,
        Slot::Host | Slot::Domain => token.kind == Kind::Host,
        Slot::Url => token.kind == Kind::Url,
        Slot::Number | Slot::Any => false,
    }
}

fn negate(tables: &Tables, mentions: &mut [Mention]) {
    let negators: Vec<Mention> = mentions.iter().filter(|m| m.concept == tables.negator).copied().collect();
    for m in mentions.iter_mut() {
        let thing = tables.concepts[m.concept as usize].thing;
        let near = negators.iter().filter(|n| n.clause == m.clause && n.to <= m.from).min_by_key(|n| m.from - n.to);
        let within = |most: u16| near.filter(|n| m.from - n.to <= most);
        m.negated = !thing && within(NEGATES_WITHIN).is_some_and(|n| n.part == m.part);
        m.under_no = within(NO_REACHES).is_some();
    }
}

/// Word position of each token: words inside a thing share its position.
fn positions(tokens: &[Token]) -> Vec<u16> {
    let mut at: u16 = 0;
    let step = |t: &Token| {
        if !t.inside {
            at = at.saturating_add(1);
        }
        at
    };
    tokens.iter().map(step).collect()
}

fn numbers_fit(tables: &Tables, rule: &RuleRow, numbers: Numbers) -> bool {
    let codes = tables.nums(rule.codes);
    let code = codes.is_empty() || numbers.code.is_some_and(|c| code_fits(codes, c));
    let statuses = tables.nums(rule.enhanced);
    let status = statuses.is_empty() || numbers.enhanced.is_some_and(|e| statuses.iter().any(|s| Status::unpack(*s).agrees(e)));
    let stages = tables.nums(rule.stages);
    let stage = stages.is_empty() || numbers.stage.is_some_and(|s| stages.contains(&(s as u32)));
    code && status && stage
}

/// A code below 10 stands for its class.
fn code_fits(codes: &[u32], code: u16) -> bool {
    codes.iter().any(|c| *c == u32::from(code) || *c == u32::from(code / 100))
}

fn hold(tables: &Tables, rule: &RuleRow, mentions: &[Mention]) -> Option<RuleHit> {
    let needs = tables.nums(rule.needs);
    let mut best: Option<RuleHit> = None;
    let mut chosen = Vec::with_capacity(needs.len());
    choose(rule, needs, mentions, &mut chosen, &mut |chosen| {
        if excluded(tables, rule, mentions, chosen) {
            return;
        }
        let hit = rule_hit(rule, chosen);
        let better = |b: &RuleHit| (hit.words, b.gap) > (b.words, hit.gap);
        if (rule.anywhere || hit.gap <= rule.within) && best.as_ref().is_none_or(better) {
            best = Some(hit);
        }
    });
    best
}

/// Tries each way to serve the needs with mentions that do not overlap.
fn choose<'m>(rule: &RuleRow, needs: &[u32], mentions: &'m [Mention], chosen: &mut Vec<&'m Mention>, done: &mut dyn FnMut(&[&'m Mention])) {
    let Some((need, rest)) = needs.split_first() else { return done(chosen) };
    for m in mentions.iter().filter(|m| serves(m, *need)) {
        let free = chosen.iter().all(|c| apart(rule, c, m));
        if free {
            chosen.push(m);
            choose(rule, rest, mentions, chosen, done);
            chosen.pop();
        }
    }
}

fn serves(m: &Mention, need: u32) -> bool {
    let polarity = if need & NEGATED != 0 { m.under_no } else { !m.negated };
    m.concept == concept_of(need) && polarity
}

fn apart(rule: &RuleRow, earlier: &Mention, m: &Mention) -> bool {
    let clause = rule.anywhere || earlier.clause == m.clause;
    let order = earlier.to <= m.from || (!rule.ordered && m.to <= earlier.from);
    clause && order
}

fn excluded(tables: &Tables, rule: &RuleRow, mentions: &[Mention], chosen: &[&Mention]) -> bool {
    let here = |m: &Mention| rule.anywhere || chosen.iter().any(|c| c.clause == m.clause);
    // A word that the rule itself rests on does not count, but a longer phrase
    // that holds it does: "in the queue too long" is not "too long".
    let part = |m: &Mention| chosen.iter().any(|c| c.from <= m.from && m.to <= c.to);
    let excludes = |m: &Mention| here(m) && !part(m);
    tables.nums(rule.without).iter().any(|need| mentions.iter().any(|m| serves(m, *need) && excludes(m)))
}

fn rule_hit(rule: &RuleRow, chosen: &[&Mention]) -> RuleHit {
    let from = chosen.iter().map(|m| m.from).min().unwrap_or(0);
    let to = chosen.iter().map(|m| m.to).max().unwrap_or(0);
    let covered: u16 = chosen.iter().map(|m| m.to - m.from).sum();
    RuleHit {
        rule: 0,
        weight: rule.weight,
        words: chosen.iter().map(|m| m.words).sum(),
        gap: (to - from).saturating_sub(covered),
        start: chosen.iter().map(|m| m.start).min().unwrap_or(0),
        end: chosen.iter().map(|m| m.end).max().unwrap_or(0),
    }
}
