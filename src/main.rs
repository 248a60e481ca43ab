//! The command: hands its arguments to the library.

fn main() -> std::process::ExitCode {
    smtpwhy::run(std::env::args_os())
}
