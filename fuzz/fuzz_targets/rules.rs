#![no_main]
//! A user's own rules, from TOML to a catalogue that explains with them.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::rules(data));
