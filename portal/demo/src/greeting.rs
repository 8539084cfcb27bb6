//! What `akashi demo` prints: where things are, and who can sign in how. On standard output; the
//! server's log goes to standard error.

use std::fmt::Write;
use std::path::Path;

use crate::description::Description;

/// The text.
pub(super) fn greeting(town: &Description, folder: &Path, temporary: bool) -> String {
    let mut text = String::new();
    let urls = &town.urls;
    let folder = folder.display();
    let fate = if temporary {
        " (temporary: gone when the demo ends; --data DIR keeps one)"
    } else {
        ""
    };
    // Notes stand under each other, behind the longest URL that has one.
    let width = urls.demo_phone.len().max(urls.enrol.len()) + 3;
    let mut line = |label: &str, what: &str, note: &str| {
        // Writing into a text cannot fail.
        let _ = writeln!(text, "  {label:<14}{what:<width$}{note}");
    };
    line(
        "Akashi demo",
        "a made-up town: no person, institution or number in it exists",
        "",
    );
    line("", "", "");
    line("pages", &urls.portal, "");
    line("join", &urls.enrol, "with any Japanese mobile number");
    line("sign in", &urls.sign_in, "");
    line("phones", &urls.demo_phone, "where SMS arrive");
    line("mail", &urls.demo_mail, "where e-mail arrives");
    line(
        "institutions",
        &urls.docs,
        "the API; their keys are in demo.json",
    );
    line("public log", &urls.log, "akashi-audit fsck checks it");
    line("", "", "");
    line("folder", &format!("{folder}{fate}"), "");
    line("for scripts", &format!("{folder}/demo.json"), "");
    line("", "", "");
    line(
        "citizens",
        "sign in with a number and the code that arrives on its phone; recovery codes are at",
        "",
    );
    line("", &urls.demo_sign_in, "");
    let citizens: Vec<String> = town
        .citizens
        .iter()
        .map(|c| padded(&c.name_en, 18) + &national(&c.phone))
        .collect();
    for pair in citizens.chunks(2) {
        let pair: Vec<String> = pair.iter().map(|citizen| padded(citizen, 36)).collect();
        line("", pair.concat().trim_end(), "");
    }
    line("", "", "");
    line(
        "to end",
        "Ctrl-C; start again with the same --data to continue",
        "",
    );
    let ended: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("\n{}\n\n", ended.join("\n"))
}

fn padded(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

/// `+819000000101` as people write it: `090-0000-0101`.
pub(super) fn national(phone: &str) -> String {
    let digits = phone.trim_start_matches("+81");
    match (digits.get(..2), digits.get(2..6), digits.get(6..)) {
        (Some(prefix), Some(middle), Some(rest)) => format!("0{prefix}-{middle}-{rest}"),
        _ => phone.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        assert_eq!(national("+819000000101"), "090-0000-0101");
        assert_eq!(national("+1"), "+1");
    }
}
