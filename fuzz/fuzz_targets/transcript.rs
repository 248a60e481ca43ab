#![no_main]
//! Transcripts of sessions and exceptions of libraries, and the mask of
//! passwords.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::transcript(data));
