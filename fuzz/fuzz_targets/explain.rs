#![no_main]
//! The whole of an explanation, from text to what is printed; the first byte
//! chooses what is known besides the text.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::explain(data));
