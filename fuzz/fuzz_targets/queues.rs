#![no_main]
//! Listings of mail queues.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::queues(data));
