//! Makes the seeds of our own formats anew (`akashi_fuzz::made`).

use std::process::ExitCode;

fn main() -> ExitCode {
    match akashi_fuzz::made::write() {
        Ok(count) => {
            println!(
                "{count} seeds made; `git status tests/fuzz/corpus` shows which are other ones"
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("seeds: the corpus cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
