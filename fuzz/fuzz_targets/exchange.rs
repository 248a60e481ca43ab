#![no_main]
//! Exchange: tracking logs, protocol logs and what the shell prints; the first
//! byte chooses.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::exchange(data));
