//! Somebody at a console: commands, what they print and how they end, as a transcript to read.
//!
//! What differs from run to run is replaced: texts the test names, and whatever looks like
//! 32 bytes - digests, keys, roots. Vectors hold those, snapshots hold words.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A transcript that grows with each command.
#[derive(Debug, Default)]
pub struct Console {
    shown: String,
}

impl Console {
    /// Nothing run yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a command that asks nothing, and takes down what it printed. `reword` is told what went
    /// to standard output and says it as it is to stand in the transcript.
    ///
    /// # Panics
    /// Where the program cannot be started.
    pub fn run(&mut self, command: &mut Command, reword: fn(String) -> String) -> Output {
        let output = command.stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let program = Path::new(command.get_program()).file_stem();
        self.shown += "$ ";
        self.shown += &program.unwrap_or_default().to_string_lossy();
        for argument in command.get_args() {
            let _ = write!(self.shown, " {}", argument.to_string_lossy());
        }
        self.shown.push('\n');
        self.shown += &reword(String::from_utf8_lossy(&output.stdout).into_owned());
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            let _ = writeln!(self.shown, "stderr: {line}");
        }
        let ended = output.status.code().unwrap_or(-1);
        let _ = writeln!(self.shown, "exit code {ended}\n");
        output
    }

    /// The help of a program and of all its commands; `program` makes the call with these
    /// arguments.
    pub fn help(&mut self, program: &dyn Fn(&[&str]) -> Command) {
        self.help_below(program, &[]);
    }

    fn help_below(&mut self, program: &dyn Fn(&[&str]) -> Command, path: &[&str]) {
        let output = self.run(&mut program(&[path, &["--help"]].concat()), String::from);
        let text = String::from_utf8_lossy(&output.stdout);
        // "Commands:", one line each with its name in front, an empty line.
        let lines = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in lines.take_while(|line| !line.is_empty()) {
            let name = line
                .strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '));
            let name = name.and_then(|rest| rest.split(' ').next());
            if let Some(name) = name.filter(|name| *name != "help") {
                self.help_below(program, &[path, &[name]].concat());
            }
        }
    }

    /// All that was shown, with each of these texts replaced by its name.
    pub fn transcript(&self, replaced: &[(&str, &str)]) -> String {
        let mut shown = self.shown.clone();
        for (text, name) in replaced {
            shown = shown.replace(text, name);
        }
        without_digests(&shown)
    }
}

/// Thirty-two bytes in base64, base64url or hexadecimal become `(32 bytes)`.
pub fn without_digests(text: &str) -> String {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c);
    let mut plain = String::with_capacity(text.len());
    for part in text.split_inclusive(|c| !is_inside(c)) {
        let word = part.trim_end_matches(|c| !is_inside(c));
        let digits = word.trim_end_matches('=');
        let has = |is: fn(&char) -> bool| digits.chars().any(|c| is(&c));
        let is_base64 =
            digits.len() == 43 && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
        let is_hex = digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit());
        plain += if is_base64 || is_hex {
            "(32 bytes)"
        } else {
            word
        };
        plain += &part[word.len()..];
    }
    plain
}
