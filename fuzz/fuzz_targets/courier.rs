#![no_main]
//! Logs of Courier.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::courier(data));
