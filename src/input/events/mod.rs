//! Events of sending services: JSON as their webhooks and APIs give it, one
//! event, an array, or wrapped. Finds the events and hands each to the reader
//! of its service. It must not know what a reply means; the service's own claim
//! is kept beside the record, so that a contradiction can be told.

mod brevo;
pub(super) mod field;
pub mod form;
mod generic;
mod layout;
mod mailgun;
mod mandrill;
mod postmark;
mod quick;
mod resend;
mod sendgrid;
mod ses;
mod sign;
mod sparkpost;
mod stream;
pub(super) mod tree;

use layout::Common;
pub use layout::Layouts;
use quick::Outline;
pub use stream::{Objects, Piece, values};

use std::marker::PhantomData;

use serde_json::Value;
use tree::Tree;

use super::{Record, kumomta};

/// What a service tells about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'l> {
    pub record: Record<'l>,
    /// The verdict that the service's own word stands for: `ok`, `retry`, `fix`
    /// or `remove`.
    pub label: Option<&'static str>,
}

impl Event<'_> {
    /// Notes whose event it is, and on which line.
    fn stand(&mut self, service: Service, line: u64) {
        self.record.line = line;
        self.record.format = service.name();
    }

    fn into_owned(self) -> Event<'static> {
        Event { record: self.record.into_owned(), label: self.label }
    }
}

pub(super) const OK: Option<&str> = Some("ok");
pub(super) const RETRY: Option<&str> = Some("retry");
pub(super) const FIX: Option<&str> = Some("fix");
pub(super) const REMOVE: Option<&str> = Some("remove");

/// Whose event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    SendGrid,
    Mailgun,
    Ses,
    Postmark,
    SparkPost,
    Mandrill,
    Brevo,
    Resend,
    KumoMta,
    /// Some other service; its replies are found by their shape.
    Other,
}

type Recognises<T> = fn(T) -> bool;
type Reads<'l, T> = fn(T, &mut Vec<Event<'l>>);

/// The readers of a kind of tree.
struct Readers<'l, T>(PhantomData<(&'l str, T)>);

impl<'l, T: Tree<'l>> Readers<'l, T> {
    /// How each service is told and read; the surest signs first.
    const ALL: [(Service, Recognises<T>, Reads<'l, T>); 9] = [
        (Service::Ses, ses::recognise, ses::read),
        (Service::SparkPost, sparkpost::recognise, sparkpost::read),
        (Service::Mandrill, mandrill::recognise, mandrill::read),
        (Service::Postmark, postmark::recognise, postmark::read),
        (Service::Resend, resend::recognise, resend::read),
        (Service::KumoMta, kumomta::recognise, kumomta::read),
        (Service::SendGrid, sendgrid::recognise, sendgrid::read),
        (Service::Mailgun, mailgun::recognise, mailgun::read),
        (Service::Brevo, brevo::recognise, brevo::read),
    ];

    /// The service whose event `value` is, and its reader.
    fn of(value: T) -> Option<(Service, Reads<'l, T>)> {
        Self::ALL.iter().find(|(_, recognise, _)| recognise(value)).map(|(service, _, read)| (*service, *read))
    }

    /// The reader of a service, if it has one.
    fn by(service: Service) -> Option<Reads<'l, T>> {
        Self::ALL.iter().find(|(known, _, _)| *known == service).map(|(_, _, read)| *read)
    }
}

impl Service {
    /// The name used as [`Record::format`].
    pub fn name(self) -> &'static str {
        match self {
            Service::SendGrid => "sendgrid",
            Service::Mailgun => "mailgun",
            Service::Ses => "amazon-ses",
            Service::Postmark => "postmark",
            Service::SparkPost => "sparkpost",
            Service::Mandrill => "mandrill",
            Service::Brevo => "brevo",
            Service::Resend => "resend",
            Service::KumoMta => "kumomta",
            Service::Other => "event",
        }
    }

    fn of(value: &Value) -> Option<Service> {
        Readers::of(value).map(|(service, _)| service)
    }

    fn reader<'v>(self) -> Reads<'v, &'v Value> {
        Readers::by(self).unwrap_or(generic::read)
    }
}

/// Whose events `value` holds, if it holds any.
pub fn recognise(value: &Value) -> Option<Service> {
    let mut found = None;
    visit(value, 0, &mut |_, service| found = found.or(Some(service)));
    found
}

/// The events of a line that is a JSON object, and whose they are; `None`
/// where it is something else.
pub fn line(text: &str, line: u64) -> Option<(Service, Vec<Event<'static>>)> {
    let text = element(text);
    let value = text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()?;
    let mut found = Vec::new();
    let service = read_first(&value, line, &mut found)?;
    Some((service, found))
}

/// Reads lines of the common forms as [`line`] does, and faster.
#[derive(Default)]
pub struct Cutter<'l> {
    outline: Outline,
    /// What the lines so far have taught.
    pub layouts: Layouts,
    /// The events of the last line; they borrow from it, wherever it holds
    /// their words.
    pub found: Vec<Event<'l>>,
}

impl<'l> Cutter<'l> {
    /// Finds the events of a line, and tells whose they are; `None` where it is
    /// of another form.
    pub fn read(&mut self, text: &'l str, line: u64) -> Option<Service> {
        self.found.clear();
        let text = element(text);
        let service = match self.layouts.read(text, &mut self.outline) {
            Some(Common { silent: true, service, .. }) => return Some(service),
            Some(common) => self.known(text, common)?,
            None => self.unknown(text)?,
        };
        self.found.iter_mut().for_each(|event| event.stand(service, line));
        Some(service)
    }

    /// As [`Cutter::read`], and lines of other forms as [`line`] does; `None`
    /// where there is no event, or one with a field longer than is kept.
    pub fn read_any(&mut self, text: &'l str, number: u64) -> Option<Service> {
        let service = self.read(text, number).or_else(|| {
            let (service, found) = line(text, number)?;
            self.found = found;
            Some(service)
        });
        service.filter(|_| !self.found.iter().any(|event| event.record.is_too_long()))
    }

    /// Reads a line whose layout is known.
    fn known(&mut self, text: &'l str, common: Common) -> Option<Service> {
        Readers::by(common.service)?(self.outline.twig(text), &mut self.found);
        if self.found.is_empty() {
            self.learn(text, common.service, common.fixed | self.outline.asked());
        }
        Some(common.service)
    }

    fn unknown(&mut self, text: &'l str) -> Option<Service> {
        let value = self.outline.read(text)?;
        let (service, read) = Readers::of(value)?;
        let recognised = self.outline.asked();
        read(self.outline.twig(text), &mut self.found);
        let silent = self.found.is_empty();
        self.learn(text, service, if silent { self.outline.asked() } else { recognised });
        Some(service)
    }

    /// Learns the layout of a line that was read; `fixed` are the values on
    /// which it hangs whose lines those of this layout are and, where the line
    /// tells of no event, that others tell of none either.
    fn learn(&mut self, text: &str, service: Service, fixed: u64) {
        self.layouts.learn(text, &self.outline, Common { service, silent: self.found.is_empty(), fixed });
    }
}

/// Elements of an array may stand on lines of their own.
fn element(line: &str) -> &str {
    line.trim_end_matches([',', ' '])
}

/// Reads the events in `value`; `line` is the line that it ends on.
pub fn read(value: &Value, line: u64, out: &mut Vec<Event<'static>>) {
    read_first(value, line, out);
}

/// As [`read`]; gives whose the first event is.
fn read_first(value: &Value, line: u64, out: &mut Vec<Event<'static>>) -> Option<Service> {
    let mut first = None;
    visit(value, 0, &mut |event, service| {
        first = first.or(Some(service));
        let mut found = Vec::new();
        service.reader()(event, &mut found);
        found.iter_mut().for_each(|event| event.stand(service, line));
        out.extend(found.into_iter().map(Event::into_owned));
    });
    first
}

/// Deeper wrapping than this is nobody's.
const DEEPEST: u8 = 6;

/// Keys under which events are wrapped, by webhooks and by APIs.
const WRAPS: [&str; 14] = [
    "items",
    "results",
    "events",
    "Bounces",
    "Records",
    "Messages",
    "messages",
    "bounces",
    "data",
    "detail",
    "payload",
    "Sns",
    "mandrill_events",
    "events_by_user",
];

/// Keys whose string is JSON again: Amazon SNS, SQS, Mandrill.
const QUOTED: [&str; 5] = ["Message", "body", "Body", "mandrill_events", "message"];

/// Calls `found` with each event in `value`.
fn visit(value: &Value, depth: u8, found: &mut dyn FnMut(&Value, Service)) {
    if depth > DEEPEST {
        return;
    }
    if let Value::Array(values) = value {
        return values.iter().for_each(|v| visit(v, depth + 1, found));
    }
    if !value.is_object() {
        return;
    }
    if let Some(service) = Service::of(value) {
        return found(value, service);
    }
    if !visit_inside(value, depth, found) && generic::recognise(value) {
        found(value, Service::Other);
    }
}

/// Looks for events of known services in the wraps of `value`.
fn visit_inside(value: &Value, depth: u8, found: &mut dyn FnMut(&Value, Service)) -> bool {
    let mut any = false;
    let mut known = |event: &Value, service: Service| {
        any = true;
        found(event, service);
    };
    let arrays = |inner: &&Value| inner.is_array() || Service::of(inner).is_some() || inner.get("Message").is_some();
    for inner in WRAPS.iter().filter_map(|key| value.get(key)).filter(arrays) {
        visit(inner, depth + 1, &mut known);
    }
    for text in QUOTED.iter().filter_map(|key| value.get(key)?.as_str()) {
        if let Some(inner) = quoted(text) {
            visit(&inner, depth + 1, &mut known);
        }
    }
    any
}

fn quoted(text: &str) -> Option<Value> {
    let inner = text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(text).ok());
    inner.flatten()
}

#[cfg(test)]
mod tests;
