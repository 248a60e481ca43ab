//! Log lines of servers that send in bulk. It must not know what a reply
//! means.

pub mod stalwart;
pub mod zonemta;
