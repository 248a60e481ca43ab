#![no_main]
//! Events of sending services: JSON, JSON lines and posted forms.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::events(data));
