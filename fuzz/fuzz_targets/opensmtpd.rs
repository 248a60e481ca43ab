#![no_main]
//! Logs of OpenSMTPD.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::opensmtpd(data));
