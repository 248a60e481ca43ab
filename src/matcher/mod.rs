//! Decides what a reply means: collects the evidence of each layer and lets
//! the strongest speak. It must not know input formats or output.
//!
//! Strongest first: an entry of the provider or software that spoke, a generic
//! rule, the speaker's own use of the numbers, the enhanced code, the basic
//! code, the class. The text outranks the enhanced code, which outranks the
//! basic code.

mod decide;
pub mod rules;
pub mod scan;
#[cfg(feature = "cli")]
pub mod shape;

pub use decide::{By, Confidence, Decision, decide};

use crate::catalogue::Speaker;
use crate::codes::status::Stage;

/// What is known about a reply besides its text.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// Who spoke, where the caller knows.
    pub speaker: Option<Speaker>,
    /// Host name of the relay that spoke.
    pub relay: Option<&'a str>,
    /// Whose host that is, where the caller looked it up already.
    pub relay_speaker: Option<Option<Speaker>>,
    /// Where in the session the reply came.
    pub stage: Option<Stage>,
    /// We refused them; `false`: they refused us.
    pub inbound: bool,
    /// Recipient and envelope sender, where the log names them.
    pub recipient: Option<&'a str>,
    pub sender: Option<&'a str>,
}
