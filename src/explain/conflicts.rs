//! Says in words where the parts of a reply contradict each other. It must
//! not know output formats.

use crate::catalogue::{Catalogue, Cause};
use crate::codes::rows::Verdict;
use crate::codes::status::Stage;
use crate::matcher::{By, Decision};
use crate::reply::Reply;

/// Contradictions between the text, the enhanced code and the basic code.
pub fn find(catalogue: Catalogue, reply: &Reply<'_>, decision: &Decision) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(text_against_status(catalogue, reply, decision));
    found.extend(code_against_status(reply));
    found.extend(class_against_verdict(reply, decision));
    found.extend(late_refusal(decision));
    found
}

/// "5.1.1 says the mailbox does not exist, the text says the rate is too high".
fn text_against_status(catalogue: Catalogue, reply: &Reply<'_>, decision: &Decision) -> Option<String> {
    let status = reply.enhanced().filter(|_| decision.by == By::Phrase)?;
    let class = if status.class == 0 { reply.class() } else { u16::from(status.class) };
    let (told, _) = catalogue.status(status)?.outcome(class)?;
    if agree(told, decision.cause) {
        return None;
    }
    Some(format!("{status} says {}, the text says {}: the text counts", told.brief(), decision.cause.brief()))
}

/// Causes that may stand side by side: the same family, or one so vague that
/// any other fits under it.
fn agree(told: Cause, found: Cause) -> bool {
    const REFUSALS: [&str; 7] = ["policy", "sender-auth", "reputation", "content", "identity", "access", "tls"];
    let vague = |c: Cause| matches!(c.family(), "unknown" | "ok");
    let refusals = REFUSALS.contains(&told.family()) && REFUSALS.contains(&found.family());
    let protocol = |c: Cause| matches!(c.id(), "syntax-error" | "bad-address" | "helo-invalid" | "sender-rejected");
    told.family() == found.family() || vague(told) || vague(found) || refusals || (protocol(told) && protocol(found))
}

/// `450 5.1.1`: one says temporary, the other permanent.
fn code_against_status(reply: &Reply<'_>) -> Option<String> {
    let (code, status) = (reply.code()?, reply.enhanced()?);
    let (own, other) = (code / 100, u16::from(status.class));
    let kind = |class: u16| match class {
        2 => Some("success"),
        4 => Some("a temporary failure"),
        5 => Some("a permanent failure"),
        _ => None,
    };
    let (own_kind, other_kind) = (kind(own)?, kind(other)?);
    (own != other).then(|| format!("{code} says {own_kind}, {status} says {other_kind}: the sending server goes by {code}"))
}

/// "User unknown" only after the message was sent: some receivers say so of
/// mail that they filter.
fn late_refusal(decision: &Decision) -> Option<String> {
    let late = decision.stage == Some(Stage::EndOfData) && decision.entry.is_none();
    let unknown = decision.cause.id() == "mailbox-unknown";
    (late && unknown).then(|| "this came after the message was sent; some receivers say so of mail that they filter".to_string())
}

/// A permanent code for something that ends by itself, and the reverse.
fn class_against_verdict(reply: &Reply<'_>, decision: &Decision) -> Option<String> {
    let code = reply.code()?;
    let brief = decision.cause.brief();
    match (code / 100, decision.verdict) {
        (5, Verdict::Retry) => {
            Some(format!("{code} says permanent, but waiting mends this ({brief}): send the message again, the queue will not"))
        }
        (4, Verdict::Fix) => Some(format!("{code} says temporary, but waiting does not mend this ({brief})")),
        _ => None,
    }
}
