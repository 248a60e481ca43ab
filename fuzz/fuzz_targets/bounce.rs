#![no_main]
//! Bounce mails, alone or in an mbox file.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::bounce(data));
