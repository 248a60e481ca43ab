#![no_main]
//! A log read the fast way and line by line.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::log(data));
