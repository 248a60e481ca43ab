#![no_main]
//! Logs of sendmail.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::sendmail(data));
