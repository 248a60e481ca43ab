//! The catalogue's data: how it is written ([`source`]), compiled
//! ([`compile`]) and kept ([`rows`]), and how text is cut into words
//! ([`words`]). `build.rs` includes this module too, so nothing in here may
//! use the rest of the crate.

pub mod compile;
pub mod rows;
pub mod source;
pub mod status;
pub mod words;
