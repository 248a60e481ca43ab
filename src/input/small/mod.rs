//! Logs of the small programs that hand mail on. It must not know what a reply
//! means.

pub mod chasquid;
pub mod dma;
pub mod nullmailer;
