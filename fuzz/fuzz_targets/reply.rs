#![no_main]
//! One text as a reply, and a text cut into replies.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::reply(data));
