//! Explains SMTP replies, bounces and mail errors: what happened, who can mend
//! it, what to do next, and a verdict.
//!
//! ```
//! let finding = smtpwhy::explain("550 5.1.1 <user@example.com>: User unknown");
//! assert_eq!(finding.verdict.name(), "remove");
//! assert_eq!(finding.cause.id(), "mailbox-unknown");
//! ```
//!
//! Data flows one way: input → [`reply`] → [`matcher`] (with the
//! [`catalogue`]) → [`Finding`] → render. The command line is the first user
//! of this library.

#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
mod block;
pub mod catalogue;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
/// The catalogue's data; `build.rs` uses the same modules.
mod codes {
    #[cfg(feature = "cli")]
    #[allow(dead_code, reason = "build.rs uses the other half")]
    pub mod compile;
    pub mod rows;
    #[cfg(feature = "cli")]
    #[allow(dead_code, reason = "build.rs uses the other half")]
    pub mod source;
    pub mod status;
    pub mod words;
}
#[cfg(feature = "cli")]
mod commands;
pub mod explain;
#[cfg(feature = "cli")]
mod hash;
#[cfg(feature = "cli")]
pub mod input;
pub mod matcher;
#[cfg(feature = "cli")]
mod message;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod render;
pub mod reply;
#[cfg(feature = "cli")]
mod run;
#[cfg(feature = "cli")]
mod sanitize;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod scan;
#[cfg(feature = "cli")]
mod settings;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use run::run;

pub use catalogue::Catalogue;
pub use codes::rows::{Kind, Trust, Verdict, Who};
pub use codes::status::{Stage, Status};
pub use explain::Finding;
pub use matcher::{By, Confidence, Context};

/// Explains one reply, exception or error text, however it was pasted.
pub fn explain(text: &str) -> Finding {
    explain_in(text, Context::default())
}

/// Explains a reply of which more is known than its text: who spoke, which
/// relay, at which stage.
pub fn explain_in(text: &str, context: Context<'_>) -> Finding {
    explain::explain(Catalogue::built_in(), text, context)
}

/// Searches the catalogue: entries whose id, title, numbers, cause or example
/// hold all the words, ignoring case.
pub fn search(words: &str) -> Vec<catalogue::Entry> {
    Catalogue::built_in().search(words)
}
