#![no_main]
//! Logs of hMailServer.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::hmailserver(data));
