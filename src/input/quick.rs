//! What the quick readers of logs tell of a line. It must not know formats.

use super::record::Said;
use super::{Kind, Record};

/// What a line is.
pub enum Quick<'l> {
    /// A line of the format without news.
    Nothing,
    /// A message's queue id and sender.
    Sender(&'l str, &'l str),
    /// The stamp, and a message that went out.
    Sent(&'l str, Sent<'l>),
    /// The stamp, and what failed.
    Failed(&'l str, Failed<'l>),
    /// The stamp, and a record without time and line number; its sender is only
    /// known where the line names it. Its names are as they stand in the line.
    Record(&'l str, Record<'l>),
    /// A line that the format's reader does not claim, and no other reader does
    /// that has nothing open.
    Unclaimed,
    /// A line that the quick reader cannot read.
    Other,
}

/// What is counted of a message that went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent<'l> {
    pub queue_id: &'l str,
    pub recipient: &'l str,
    pub relay: Option<&'l str>,
}

/// What is counted of an attempt that failed, or of a client that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed<'l> {
    pub kind: Kind,
    pub queue_id: Option<&'l str>,
    /// Only where the line names it.
    pub sender: Option<&'l str>,
    pub recipient: Option<&'l str>,
    pub said: Said<'l>,
}
