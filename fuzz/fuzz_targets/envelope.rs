#![no_main]
//! What transports wrap around lines, stamps of time, and that no line is
//! claimed by two formats.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::envelope(data));
