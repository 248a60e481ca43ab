#![no_main]
//! Logs of Stalwart, ZoneMTA and KumoMTA; the first byte chooses.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smtpwhy_fuzz::bulk(data));
