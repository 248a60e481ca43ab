//! One text as a reply, and a text cut into replies.

use smtpwhy::reply::{self, Reply};

use crate::checks::in_order;

pub fn reply(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let pieces = reply::split(&text);
    in_order(text.as_bytes(), pieces.iter().map(|p| p.as_bytes()));
    holds(&text);
    pieces.into_iter().for_each(holds);
}

fn holds(text: &str) {
    let reply = Reply::read(text, |code| code % 10 < 6);
    let ranges = [reply.span.clone(), reply.numbers.code_at.clone(), reply.numbers.enhanced_at.clone()];
    for range in ranges {
        assert!(reply.text().get(range.clone()).is_some(), "{range:?} of {:?}", reply.text());
        assert!(text.get(reply.in_input(range.clone())).is_some(), "{range:?} in {text:?}");
    }
    assert!(reply.code().is_none_or(|c| (100..=999).contains(&c)), "{text:?}");
    assert!(!reply.words().contains('\n'), "{text:?}");
}
