#![no_main]
//! Logs of Haraka.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::haraka(data));
