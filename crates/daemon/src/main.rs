//! `habeas`.

use std::process::ExitCode;

fn main() -> ExitCode {
    habeas_daemon::main()
}
