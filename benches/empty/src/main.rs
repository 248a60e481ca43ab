//! Reads its arguments and prints how many there are.

use clap::Parser as _;

#[derive(clap::Parser)]
struct Cli {
    words: Vec<String>,
}

fn main() {
    println!("{}", Cli::parse().words.len());
}
