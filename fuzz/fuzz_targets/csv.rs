#![no_main]
//! Tables with a header line, and PowerMTA's accounting files; the first byte
//! chooses whether the user names the columns.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::csv(data));
