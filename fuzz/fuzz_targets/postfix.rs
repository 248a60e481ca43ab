#![no_main]
//! Logs of Postfix.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::postfix(data));
