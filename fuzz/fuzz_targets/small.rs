#![no_main]
//! Logs of dma, nullmailer and chasquid; the first byte chooses.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::small(data));
