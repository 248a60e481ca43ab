#![no_main]
//! Logs of Exim.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::exim(data));
