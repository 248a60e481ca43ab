#![no_main]
//! A reply by its shape and by its text.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::shape(data));
