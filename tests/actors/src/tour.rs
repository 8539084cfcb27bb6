//! A page's tour, replayed: the commands in its `console` blocks, and what the page promises they
//! print. In an expected line `…` stands for anything; a line that is `…` alone stands for any
//! number of lines.

/// A command, with the lines it is expected to print.
pub struct Step {
    /// What stands behind the `$ `.
    pub command: String,
    expected: Vec<String>,
}

impl Step {
    /// The steps in a part of a page, in order.
    pub fn of(page: &str) -> Vec<Self> {
        let mut steps: Vec<Self> = Vec::new();
        for block in page.split("```console\n").skip(1) {
            for line in block.split("```").next().unwrap().lines() {
                match (line.strip_prefix("$ "), steps.last_mut()) {
                    (Some(command), _) => steps.push(Self {
                        command: command.to_owned(),
                        expected: Vec::new(),
                    }),
                    (None, Some(step)) => step.expected.push(line.to_owned()),
                    (None, None) => panic!("output before the first command"),
                }
            }
        }
        steps
    }

    /// Fails where the command printed something else.
    #[track_caller]
    pub fn assert_printed(&self, printed: &str) {
        let found: Vec<&str> = printed.lines().collect();
        assert!(
            all_match(&self.expected, &found),
            "$ {}\nexpected:\n{}\nfound:\n{printed}",
            self.command,
            self.expected.join("\n")
        );
    }
}

fn line_matches(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| found.strip_prefix(first)) else {
        return false;
    };
    let mut open_end = false;
    for part in parts {
        open_end = part.is_empty();
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || open_end
}

fn all_match(expected: &[String], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line == "…" => {
            (0..=found.len()).any(|skipped| all_match(rest, &found[skipped..]))
        }
        (Some((line, rest)), Some((first, after))) => {
            line_matches(line, first) && all_match(rest, after)
        }
        _ => false,
    }
}
