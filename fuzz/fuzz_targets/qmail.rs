#![no_main]
//! Logs of qmail.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::qmail(data));
