//! Ranks the evidence for one reply and applies the rules of a careful
//! postmaster to the verdict.

use crate::catalogue::{Catalogue, Cause, Entry, Registered, Speaker};
use crate::codes::rows::{Kind, Tables, Target, Trust, Verdict, Who};
use crate::codes::status::Stage;
use crate::codes::words::{self, Passed};
use crate::reply::Reply;

use super::Context;
use super::rules::{self, Numbers, RuleHit};
use super::scan::{self, Hit, Scan};

/// The kind of evidence that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Words of the reply.
    Phrase,
    /// The enhanced status code.
    Enhanced,
    /// The three-digit code.
    Basic,
    /// Only the first digit.
    Class,
    /// Nothing was recognised.
    None,
}

/// How sure the decision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Numbers only, or nothing.
    Low,
    /// Generic words, or an enhanced code that the words fit.
    Medium,
    /// A provider's or product's own text.
    High,
}

/// What a reply means, with the evidence for it.
pub struct Decision {
    pub cause: Cause,
    pub verdict: Verdict,
    pub who: Who,
    pub confidence: Confidence,
    pub by: By,
    pub speaker: Option<Speaker>,
    pub entry: Option<Entry>,
    /// Number of the generic rule that decided.
    pub rule: Option<u16>,
    /// Where the deciding words stand, as a range of the reply's text.
    pub span: Option<std::ops::Range<usize>>,
    pub stage: Option<Stage>,
    /// Phrases and words of the reply, for details.
    pub scan: Scan,
    /// The winning entry's phrases.
    pub hits: Vec<Hit>,
    /// The reply is numbers only.
    pub bare: bool,
    /// Other entries that this text or these numbers stand for as well.
    pub variants: Vec<Entry>,
}

/// Decides what `reply` means.
pub fn decide(catalogue: Catalogue, reply: &Reply<'_>, context: Context<'_>) -> Decision {
    let decision = decide_outbound(catalogue, reply, context);
    if context.inbound { inbound(decision) } else { decision }
}

/// We refused a client: its address book is not ours to clean, and what is the
/// recipient's to mend is the client's.
fn inbound(decision: Decision) -> Decision {
    let verdict = if decision.verdict == Verdict::Remove { Verdict::Fix } else { decision.verdict };
    let who = match decision.who {
        Who::Recipient => Who::Sender,
        who => who,
    };
    Decision { verdict, who, ..decision }
}

fn decide_outbound(catalogue: Catalogue, reply: &Reply<'_>, context: Context<'_>) -> Decision {
    let case = Case::new(catalogue, reply, context, reply.span.clone());
    if case.has_text_evidence() || reply.span == (0..reply.text().len()) {
        return case.decision();
    }
    // The reply itself says nothing known; the words around it may.
    let whole = Case::new(catalogue, reply, context, 0..reply.text().len());
    if whole.has_text_evidence() { whole.decision() } else { case.decision() }
}

/// One reply with its evidence.
struct Case<'a> {
    catalogue: Catalogue,
    reply: &'a Reply<'a>,
    numbers: Numbers,
    from: usize,
    scan: Scan,
    speaker: Option<Speaker>,
    entry: Option<Candidate>,
    /// Entries whose whole text this is, though too common a text to prove it.
    alike: Vec<Candidate>,
    rule: Option<RuleHit>,
}

/// An entry whose phrases all occur.
#[derive(Clone)]
struct Candidate {
    entry: Entry,
    hits: Vec<Hit>,
    words: u16,
    spoke: bool,
    agrees: u8,
    /// Only its whole text matched, and that is a common one.
    common: bool,
}

impl<'a> Case<'a> {
    fn new(catalogue: Catalogue, reply: &'a Reply<'a>, context: Context<'_>, span: std::ops::Range<usize>) -> Case<'a> {
        let text = reply.text();
        let enhanced = &text[reply.numbers.enhanced_at.clone()];
        let passed = Passed { code: reply.code(), enhanced: (!enhanced.is_empty()).then_some(enhanced) };
        let from = span.start;
        let scan = scan::scan(catalogue.tables, &text[span], passed);
        let numbers = Numbers { code: reply.code(), enhanced: reply.enhanced(), stage: context.stage.or(reply.wrapper.stage) };
        let mut case = Case { catalogue, reply, numbers, from, scan, speaker: None, entry: None, alike: Vec::new(), rule: None };
        case.speaker = case.find_speaker(context);
        let (common, own): (Vec<_>, Vec<_>) = case.candidates().into_iter().partition(|c| c.common);
        case.alike = common;
        case.rule = case.best_rule();
        case.entry = case.best_entry(own);
        case
    }

    fn tables(&self) -> &'static Tables {
        self.catalogue.tables
    }

    fn has_text_evidence(&self) -> bool {
        self.entry.is_some() || self.rule.is_some()
    }

    fn find_speaker(&self, context: Context<'_>) -> Option<Speaker> {
        let relay = context.relay.or_else(|| self.reply.wrapper.relay.clone().map(|r| &self.reply.text()[r]));
        let of_host = || context.relay_speaker.unwrap_or_else(|| self.catalogue.speaker_of_host(relay?));
        context.speaker.or_else(of_host).or_else(|| self.marked_speaker())
    }

    /// A client's own words give way to the server's reply that they wrap.
    fn best_entry(&self, candidates: Vec<Candidate>) -> Option<Candidate> {
        let wraps = |c: &Candidate| c.entry.speaker().kind() == Kind::Client && self.numbers.code.is_some();
        let (wrapping, own): (Vec<_>, Vec<_>) = candidates.into_iter().partition(wraps);
        best(own).or_else(|| if self.rule.is_none() { best(wrapping) } else { None })
    }

    fn marked_speaker(&self) -> Option<Speaker> {
        let tables = self.tables();
        let mark = |h: &Hit| match h.target {
            Target::Mark(number) => Some((h.words, Speaker { tables, number })),
            _ => None,
        };
        self.scan.hits.iter().filter_map(mark).max_by_key(|(words, _)| *words).map(|(_, s)| s)
    }

    /// Every entry whose phrases occur and whose conditions hold.
    fn candidates(&self) -> Vec<Candidate> {
        let mut seen: Vec<u16> = self.scan.hits.iter().filter_map(|h| entry_of(h.target)).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.into_iter().filter_map(|number| self.candidate(number)).collect()
    }

    fn candidate(&self, number: u16) -> Option<Candidate> {
        let entry = Entry { tables: self.tables(), number };
        let own = || self.scan.hits.iter().filter(move |h| entry_of(h.target) == Some(number));
        if own().any(|h| matches!(h.target, Target::Not(_))) {
            return None;
        }
        let spoke = self.speaker.is_some_and(|s| s == entry.speaker());
        // What a client shows by itself comes without a server's reply code.
        let client = entry.speaker().kind() == Kind::Client && self.numbers.code.is_some();
        let whole = own().find(|h| matches!(h.target, Target::Whole(_)) && !client);
        let phrases = self.says(entry, number).or_else(|| also(own())).filter(|_| spoke || !entry.row().here);
        let common = phrases.is_none() && !spoke && entry.row().here;
        let hits = phrases.or_else(|| whole.map(|h| vec![*h]))?;
        let agrees = self.agreement(entry);
        if (entry.row().strict && !self.agrees_strictly(entry)) || !self.api_fits(entry) {
            return None;
        }
        let words = hits.iter().map(|h| h.words).sum();
        Some(Candidate { entry, hits, words, spoke, agrees, common })
    }

    /// The hits of all `says` phrases, `None` where one is missing.
    fn says(&self, entry: Entry, number: u16) -> Option<Vec<Hit>> {
        let phrase = |n: u8| self.scan.hits.iter().filter(|h| h.target == Target::Says(number, n)).max_by_key(|h| h.words);
        let needed = entry.row().says;
        let hits: Option<Vec<Hit>> = (0..needed).map(|n| phrase(n).copied()).collect();
        hits.filter(|h| !h.is_empty())
    }

    /// 2: the enhanced code agrees, 1: the code does; 3: both.
    fn agreement(&self, entry: Entry) -> u8 {
        let code = self.numbers.code.is_some_and(|c| entry.codes().contains(&c));
        let status = self.numbers.enhanced.is_some_and(|e| entry.enhanced().iter().any(|s| s.agrees(e)));
        u8::from(code) + 2 * u8::from(status)
    }

    /// One number agrees, and none that both give disagrees.
    fn agrees_strictly(&self, entry: Entry) -> bool {
        let (codes, statuses) = (entry.codes(), entry.enhanced());
        let code = codes.is_empty() || self.numbers.code.is_none_or(|c| codes.contains(&c));
        let status = statuses.is_empty() || self.numbers.enhanced.is_none_or(|e| statuses.iter().any(|s| s.agrees(e)));
        let spoke = self.speaker.is_some_and(|s| s == entry.speaker());
        let numberless = self.numbers.code.is_none() && self.numbers.enhanced.is_none();
        code && status && (self.agreement(entry) > 0 || (numberless && spoke))
    }

    /// A text of an HTTP interface does not explain an SMTP code.
    fn api_fits(&self, entry: Entry) -> bool {
        !entry.is_http() || self.numbers.code.is_none_or(|c| entry.codes().contains(&c))
    }

    fn best_rule(&self) -> Option<RuleHit> {
        let mut hits = rules::holding(self.tables(), &self.scan, self.numbers);
        if matches!(self.reply.class(), 2 | 3) {
            // What a good reply says is no failure, whatever its words.
            hits.retain(|h| self.tables().rules[h.rule as usize].codes.len > 0);
        }
        hits.into_iter().max_by_key(|h| (h.weight, h.words, u16::MAX - h.gap, u16::MAX - h.rule))
    }

    /// A vague entry gives way to a telling generic text; the speaker's own
    /// words only to a very telling one.
    fn rule_outranks(&self) -> bool {
        let (Some(entry), Some(rule)) = (&self.entry, &self.rule) else { return self.entry.is_none() };
        let other = self.tables().rules[rule.rule as usize].cause != entry.entry.row().cause;
        let kept = entry.entry.speaker().kind() == Kind::Client || entry.entry.is_own();
        if !other || kept || !is_vague(entry.entry.cause()) {
            return false;
        }
        // "Giving up" says nothing of why; any reason beside it does.
        let gave_up = entry.entry.cause().id() == "timeout-expired" && rule.weight > 0 && !entry.spoke;
        let telling = rule.weight > if entry.spoke { 2 } else { 1 };
        gave_up || telling && rule.words >= entry.words
    }

    /// The speaker's own use of the numbers says more than vague words.
    fn numbers_outrank(&self) -> bool {
        let (None, Some(rule)) = (&self.entry, &self.rule) else { return false };
        let same = |e: Entry| e.row().cause == self.tables().rules[rule.rule as usize].cause;
        self.entry_by_numbers().is_some_and(|e| rule.weight < 2 || same(e))
    }

    fn decision(self) -> Decision {
        if !self.has_text_evidence() || self.numbers_outrank() {
            self.by_numbers()
        } else if self.rule_outranks() {
            self.by_rule()
        } else {
            self.by_entry()
        }
    }

    fn by_entry(mut self) -> Decision {
        let row = self.entry.as_ref().expect("called with an entry").entry.row();
        let verdict = self.judged(Cause { tables: self.tables(), number: row.cause }, row.verdict);
        let candidate = self.entry.take().expect("called with an entry");
        let entry = candidate.entry;
        let confidence = match row.trust {
            Trust::High => Confidence::High,
            Trust::Medium | Trust::Low => Confidence::Medium,
        };
        let span = self.span_of(&candidate.hits);
        let speaker = Some(self.speaker.filter(|s| *s == entry.speaker()).unwrap_or_else(|| self.named(entry)));
        Decision {
            who: entry.who(),
            entry: Some(entry),
            speaker,
            hits: candidate.hits,
            ..self.decided(entry.cause(), verdict, confidence, By::Phrase, span)
        }
    }

    /// A product's text at a known provider's relay: the provider spoke.
    fn named(&self, entry: Entry) -> Speaker {
        self.speaker.unwrap_or_else(|| entry.speaker())
    }

    fn by_rule(self) -> Decision {
        let hit = self.rule.expect("called with a rule");
        let row = self.tables().rules[hit.rule as usize];
        let named = Cause { tables: self.tables(), number: row.cause };
        let staged = self.about_another(named);
        let cause = staged.and_then(|id| self.catalogue.cause(id)).unwrap_or(named);
        let verdict = self.judged(cause, row.verdict);
        let tokens = &self.scan.tokens;
        let span = self.from + tokens[hit.start as usize].start as usize..self.from + tokens[hit.end as usize - 1].end as usize;
        let decision = self.decided(cause, verdict, Confidence::Medium, By::Phrase, Some(span));
        Decision { rule: Some(hit.rule), ..decision }
    }

    /// Words about an address or domain that numbers or stage show to be about
    /// somebody else: the login, the client, the sender.
    fn about_another(&self, named: Cause) -> Option<&'static str> {
        let about_recipient = matches!(named.id(), "mailbox-unknown" | "mailbox-disabled" | "domain-unknown" | "null-mx" | "bad-address");
        if !about_recipient {
            return None;
        }
        let status = self.numbers.enhanced.map(|s| (s.subject, s.detail));
        match (self.numbers.code, status, self.numbers.stage) {
            (Some(530 | 534 | 535 | 538), ..) => Some(if named.id() == "mailbox-disabled" { "account-suspended" } else { "auth-failed" }),
            (Some(517), ..) | (_, Some((1, 7 | 8)), _) => Some("sender-rejected"),
            (.., Some(Stage::Connect)) => Some("policy"),
            (.., Some(Stage::Ehlo)) => Some("helo-invalid"),
            (.., Some(Stage::Mail)) => Some("sender-rejected"),
            (_, Some((7, _)), _) if named.family() == "domain" => Some("sender-rejected"),
            (None, ..) if self.is_api_answer() => Some("request-invalid"),
            _ => None,
        }
    }

    fn by_numbers(mut self) -> Decision {
        if let Some(candidate) = best(std::mem::take(&mut self.alike)) {
            self.entry = Some(candidate);
            return Decision { confidence: Confidence::Medium, ..self.by_entry() };
        }
        let bare = self.is_bare();
        if let Some(entry) = self.entry_by_numbers() {
            let verdict = self.judged(entry.cause(), entry.row().verdict);
            let confidence = if self.numbers.enhanced.is_some() { Confidence::Medium } else { Confidence::Low };
            let by = if self.numbers.enhanced.is_some() { By::Enhanced } else { By::Basic };
            let speaker = Some(entry.speaker());
            return Decision {
                who: entry.who(),
                entry: Some(entry),
                speaker,
                ..self.decided(entry.cause(), verdict, confidence, by, None)
            };
        }
        let code = self.numbers.code.and_then(|c| self.catalogue.code(c)).filter(|code| bare || code.row().telling);
        // "5.7.1" says less than "530" does.
        let vague = |cause: Cause| is_vague(cause) && !bare && code.is_some();
        if let Some((cause, verdict, confidence)) = self.registered(bare).filter(|(cause, ..)| !vague(*cause)) {
            return self.decided(cause, verdict, confidence, By::Enhanced, None);
        }
        match code {
            Some(code) => self.decided(code.cause(), code.verdict(), Confidence::Low, By::Basic, None),
            None => self.by_class(),
        }
    }

    /// The enhanced code whose registered name is the whole text.
    fn named_status(&self) -> Option<Registered> {
        let named = |h: &Hit| match h.target {
            Target::Registry(number) => Some(Registered { tables: self.tables(), number }),
            _ => None,
        };
        self.scan.hits.iter().find_map(named)
    }

    /// Cause by the enhanced code: where there is no text, one that fits, just
    /// the registry's name of the code, or words that nobody knows behind a code
    /// that few servers send for something else.
    fn registered(&self, bare: bool) -> Option<(Cause, Verdict, Confidence)> {
        let named = self.named_status();
        let status = self.numbers.enhanced.or(named.map(|n| n.status()))?;
        let known = self.catalogue.status(status)?;
        let fits = || self.is_short() && rules::mentions_any(self.tables(), &self.scan, self.tables().nums(known.row().fits));
        let class = if status.class == 0 { self.reply.class() } else { u16::from(status.class) };
        let confidence = if bare || named.is_some_and(|n| n == known) {
            Confidence::Low
        } else if fits() {
            Confidence::Medium
        } else if self.tables().nums(known.row().telling).contains(&u32::from(class)) {
            Confidence::Low
        } else {
            return None;
        };
        let (cause, verdict) = known.outcome(class)?;
        let spared = verdict == Verdict::Remove && self.is_about_sender();
        (!spared).then(|| (cause, self.softened(verdict), confidence))
    }

    /// Entries that the numbers alone may stand for, and those with this text.
    fn variants(&self) -> Vec<Entry> {
        if !self.is_bare() {
            return self.alike.iter().map(|c| c.entry).collect();
        }
        let (code, status) = (self.numbers.code, self.numbers.enhanced);
        let tables = self.tables();
        let fits = |e: &Entry| {
            let by_code = || code.is_none_or(|c| tables.reply_codes(e.row().codes).contains(&c));
            let by_status = || status.is_none_or(|s| tables.reply_statuses(e.row().enhanced).iter().any(|own| own.agrees(s)));
            let ours = self.speaker.is_none_or(|s| s == e.speaker());
            by_code() && by_status() && ours && !e.is_http()
        };
        if code.is_none() && status.is_none() { Vec::new() } else { self.catalogue.entries().filter(fits).collect() }
    }

    /// An entry of the known speaker that goes by numbers alone.
    fn entry_by_numbers(&self) -> Option<Entry> {
        let speaker = self.speaker?;
        let silent = |e: &Entry| {
            let list = e.row();
            let agrees = self.agreement(*e);
            let wanted = if list.enhanced.len > 0 { 2 } else { 1 };
            list.says == 0 && agrees >= wanted && !self.has_phrases(*e)
        };
        speaker.entries().filter(silent).max_by_key(|e| self.agreement(*e))
    }

    fn has_phrases(&self, entry: Entry) -> bool {
        self.tables().phrases.iter().any(|p| entry_of(p.target) == Some(entry.number))
    }

    fn by_class(self) -> Decision {
        // What the interfaces of sending services answer (RFC 9110, 15.3).
        const HTTP_SUCCESSES: [u16; 4] = [200, 201, 202, 204];
        let unknown = self.catalogue.cause("unknown").expect("the catalogue has the cause 'unknown'");
        let defined = self.numbers.code.and_then(|c| self.catalogue.code(c)).map(|c| c.cause());
        let is_code = defined.is_some() || self.numbers.code.is_none_or(|code| HTTP_SUCCESSES.contains(&code));
        let (verdict, by) = match self.reply.class() {
            2 | 3 if is_code => (Verdict::Ok, By::Class),
            // No server of mail has it: an exit status, say.
            2 | 3 => (Verdict::Unknown, By::None),
            4 if self.refuses_by_http() => (Verdict::Unknown, By::Class),
            4 => (Verdict::Retry, By::Class),
            5 => (Verdict::Unknown, By::Class),
            _ => (Verdict::Unknown, By::None),
        };
        let cause = if verdict == Verdict::Ok { defined.unwrap_or(unknown) } else { unknown };
        self.decided(cause, verdict, Confidence::Low, by, None)
    }

    /// So few words that they can only say what the code says.
    fn is_short(&self) -> bool {
        self.scan.tokens.iter().filter(|t| t.kind == words::Kind::Word && !t.inside).count() <= 5
    }

    /// No words besides numbers and addresses. A link, or what looks like a
    /// host, says something unless an enhanced code says more.
    fn is_bare(&self) -> bool {
        let lone = self.numbers.enhanced.is_none();
        let speaks = |kind| kind == words::Kind::Word || lone && matches!(kind, words::Kind::Url | words::Kind::Host);
        !self.scan.tokens.iter().any(|t| speaks(t.kind) && !t.inside)
    }

    /// The verdict for a cause in this reply: the rules that look at the code.
    fn judged(&self, cause: Cause, own: Option<Verdict>) -> Verdict {
        let temporary = self.is_temporary();
        let verdict = own.unwrap_or_else(|| cause.verdict());
        if own.is_none() && temporary && verdict == Verdict::Fix && (self.is_deferral() || waits(cause)) {
            return Verdict::Retry;
        }
        self.softened(verdict)
    }

    /// Never `remove` on a temporary failure, nor where an HTTP interface refuses
    /// a request: the address was not asked for.
    fn softened(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Remove if self.is_temporary() => Verdict::Retry,
            Verdict::Remove if self.refuses_by_http() => Verdict::Fix,
            _ => verdict,
        }
    }

    /// A 4xx of SMTP; the 4xx of an HTTP interface is a plain refusal.
    fn is_temporary(&self) -> bool {
        let http = self.entry.as_ref().is_some_and(|c| c.entry.is_http());
        self.reply.class() == 4 && !http && !self.refuses_by_http()
    }

    /// `HTTP/1.1 413`, `"StatusCode":400`: a number with which HTTP refuses for
    /// good (RFC 9110, 15.5).
    fn refuses_by_http(&self) -> bool {
        const REFUSALS: [u16; 14] = [400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422];
        if !self.numbers.code.is_some_and(|code| REFUSALS.contains(&code)) {
            return false;
        }
        let before = self.reply.text().get(..self.reply.numbers.code_at.start).unwrap_or_default();
        let words = before.rsplit(|c: char| !c.is_ascii_alphanumeric());
        let mut names = words.filter(|word| word.bytes().any(|b| b.is_ascii_alphabetic())).map(str::to_ascii_lowercase);
        let (last, one_before) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        matches!((&*one_before, &*last), (_, "http" | "statuscode") | ("http" | "status", "status" | "code"))
    }

    /// An HTTP interface answers a request with an object that begins with its
    /// message or its error; what it does not find is part of the request.
    fn is_api_answer(&self) -> bool {
        let Some(first) = self.reply.text().trim_start().strip_prefix('{') else { return false };
        let key = first.trim_start().strip_prefix('"').unwrap_or_default();
        ["message\"", "error\"", "errors\"", "code\"", "statusCode\""].iter().any(|name| key.starts_with(name))
    }

    /// The server itself speaks of a deferral or a rate.
    fn is_deferral(&self) -> bool {
        self.mentions(&["deferral"])
    }

    /// The words are about the sender, so that what they say of an address or a
    /// domain is not said of the recipient's.
    fn is_about_sender(&self) -> bool {
        self.mentions(&["sender", "your-account", "your-domain", "not-of-recipient"])
    }

    /// The text mentions one of these concepts.
    fn mentions(&self, ids: &[&str]) -> bool {
        let tables = self.tables();
        let named = tables.concepts.iter().enumerate().filter(|(_, concept)| ids.contains(&tables.str(concept.id)));
        let numbers: Vec<u32> = named.filter_map(|(number, _)| u32::try_from(number).ok()).collect();
        rules::mentions_any(tables, &self.scan, &numbers)
    }

    fn span_of(&self, hits: &[Hit]) -> Option<std::ops::Range<usize>> {
        let start = hits.iter().map(|h| h.start).min()? as usize;
        let end = hits.iter().map(|h| h.end).max()? as usize;
        let tokens = &self.scan.tokens;
        let last = tokens[start..end].iter().map(|t| t.end).max()?;
        Some(self.from + tokens[start].start as usize..self.from + last as usize)
    }

    fn decided(self, cause: Cause, verdict: Verdict, confidence: Confidence, by: By, span: Option<std::ops::Range<usize>>) -> Decision {
        Decision {
            cause,
            verdict,
            who: cause.who(),
            confidence,
            by,
            speaker: self.speaker,
            entry: None,
            rule: None,
            span,
            stage: self.numbers.stage,
            bare: self.is_bare(),
            variants: self.variants(),
            scan: self.scan,
            hits: Vec::new(),
        }
    }
}

/// Order of candidates: the user's own rules first, then the speaker's, then a
/// blocklist that is named, then the longest text, then agreeing numbers, then
/// the better source.
fn rank(c: &Candidate) -> (bool, bool, bool, u16, u8, Trust) {
    let names_list = c.entry.speaker().kind() == Kind::Blocklist;
    (c.entry.is_own(), c.spoke, names_list, c.words, c.agrees, c.entry.row().trust)
}

/// The first of the candidates with the highest rank.
fn best(candidates: Vec<Candidate>) -> Option<Candidate> {
    let mut best: Option<Candidate> = None;
    for candidate in candidates {
        if best.as_ref().is_none_or(|b| rank(&candidate) > rank(b)) {
            best = Some(candidate);
        }
    }
    best
}

fn also<'h>(own: impl Iterator<Item = &'h Hit>) -> Option<Vec<Hit>> {
    own.filter(|h| matches!(h.target, Target::Also(_))).max_by_key(|h| h.words).map(|h| vec![*h])
}

fn entry_of(target: Target) -> Option<u16> {
    match target {
        Target::Says(e, _) | Target::Also(e) | Target::Not(e) | Target::Whole(e) => Some(e),
        Target::Mark(_) | Target::Registry(_) | Target::Concept(_) => None,
    }
}

/// Causes that name no reason of their own.
fn is_vague(cause: Cause) -> bool {
    matches!(cause.id(), "unknown" | "policy" | "server-busy" | "server-error" | "timeout-expired")
}

/// Causes whose temporary form mends itself, or the receiver mends.
fn waits(cause: Cause) -> bool {
    matches!(cause.family(), "policy" | "server" | "routing" | "recipient") || cause.id() == "sender-rejected"
}
