//! Codes, and those who guess at them.

use akashi_tlog::base64;

use super::*;
use crate::address::Phone;
use crate::codes::among::{ALL_KNOWN_TRIES, KNOWN_AT_ONCE, KNOWN_TRIES};

fn codes() -> CodesOut {
    CodesOut::new(&Budgets::default())
}

/// A challenge, and the code that is sent for it.
fn issue(
    codes: &mut CodesOut,
    code_use: CodeUse,
    to: u32,
    now: u64,
) -> Result<(Challenge, Option<String>), CodeRefused> {
    issue_to(codes, code_use, to, &browser(0), now)
}

/// The same, for this browser.
fn issue_to(
    codes: &mut CodesOut,
    code_use: CodeUse,
    to: u32,
    asker: &Asker,
    now: u64,
) -> Result<(Challenge, Option<String>), CodeRefused> {
    let (challenge, order) = codes.issue(code_use, &number(to), asker, now)?;
    let code = codes.draw(code_use, &number(to), order)?;
    Ok((challenge, code))
}

/// A browser on a site of its own.
fn browser(n: u8) -> Asker {
    Asker {
        browser: [n; 16],
        is_known: false,
        site: [n; 16],
    }
}

fn number(last: u32) -> Address {
    Address::Phone(Phone::parse(&format!("0901{last:07}")).unwrap())
}

/// A challenge with a code of its own.
fn sent(codes: &mut CodesOut, code_use: CodeUse, to: u32) -> (Challenge, String) {
    let (challenge, code) = issue(codes, code_use, to, NOW).unwrap();
    (challenge, code.unwrap())
}

fn another(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

const NOW: u64 = 1_000_000;

#[test]
fn a_code_is_taken_once_in_any_width_and_not_after_ten_minutes() {
    let mut codes = codes();
    let (challenge, code) = sent(&mut codes, CodeUse::SignIn, 1);
    let wide: String = code
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
        .collect();
    assert_eq!(codes.take(&challenge, &wide, NOW), Ok(number(1)));
    assert_eq!(codes.take(&challenge, &code, NOW), Err(CodeRefused::Wrong));
    let (challenge, code) = sent(&mut codes, CodeUse::SignIn, 1);
    let late = NOW + CODE_VALID_MILLIS;
    assert_eq!(codes.take(&challenge, &code, late), Err(CodeRefused::Void));
}

#[test]
fn five_wrong_tries_void_it() {
    let mut codes = codes();
    let (challenge, code) = sent(&mut codes, CodeUse::Enrol, 1);
    let wrong = another(&code);
    for _ in 1..CODE_TRIES {
        assert_eq!(codes.take(&challenge, wrong, NOW), Err(CodeRefused::Wrong));
    }
    assert_eq!(codes.take(&challenge, "", NOW), Err(CodeRefused::Void));
    assert_eq!(codes.take(&challenge, &code, NOW), Err(CodeRefused::Void));
}

#[test]
fn a_code_answers_its_own_challenge_and_use_only() {
    let mut codes = codes();
    let (first, code) = sent(&mut codes, CodeUse::Enrol, 1);
    let (second, other) = sent(&mut codes, CodeUse::Enrol, 2);
    if code != other {
        assert_eq!(codes.take(&second, &code, NOW), Err(CodeRefused::Wrong));
    }
    assert!(Challenge::parse(CodeUse::SignIn, first.as_str()).is_none());
    assert_eq!(
        Challenge::parse(CodeUse::Enrol, first.as_str()),
        Some(first)
    );
    assert!(Challenge::parse(CodeUse::Enrol, "e_").is_none());
}

/// She asks twice, and types the code of whichever message she looks at, in whichever window.
#[test]
fn any_code_that_is_out_for_a_number_and_use_is_taken() {
    for (asked_by, typed) in [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (2, 1)] {
        let mut codes = codes();
        let out: Vec<(Challenge, String)> = (0..3)
            .map(|_| sent(&mut codes, CodeUse::SignIn, 1))
            .collect();
        let (_, enrolling) = sent(&mut codes, CodeUse::Enrol, 1);
        let (_, others) = sent(&mut codes, CodeUse::SignIn, 2);
        let is_out = |code: &String| out.iter().any(|(_, out)| out == code);
        for other in [enrolling, others].iter().filter(|other| !is_out(other)) {
            let taken = codes.take(&out[asked_by].0, other, NOW);
            assert_eq!(taken, Err(CodeRefused::Wrong), "another use or number");
        }
        let taken = codes.take(&out[asked_by].0, &out[typed].1, NOW);
        assert_eq!(taken, Ok(number(1)), "{asked_by} {typed}");
        for (challenge, code) in &out {
            let taken = codes.take(challenge, code, NOW);
            assert_eq!(taken, Err(CodeRefused::Wrong), "all are spent by it");
        }
    }
}

#[test]
fn a_number_gets_three_codes_in_ten_minutes_for_each_use() {
    let mut codes = codes();
    for _ in 0..3 {
        sent(&mut codes, CodeUse::SignIn, 1);
        sent(&mut codes, CodeUse::Enrol, 1);
    }
    assert_eq!(
        issue(&mut codes, CodeUse::SignIn, 1, NOW).unwrap().1,
        None,
        "no fourth message"
    );
    sent(&mut codes, CodeUse::SignIn, 2);
    assert!(
        issue(&mut codes, CodeUse::SignIn, 1, NOW + 600_000)
            .unwrap()
            .1
            .is_some()
    );
}

#[test]
fn strangers_who_spend_the_codes_of_a_number_do_not_keep_its_owner_out() {
    let mut codes = codes();
    let mut newest = String::new();
    let owner = browser(9);
    for n in 0..4 {
        let (stranger, code) = issue_to(&mut codes, CodeUse::SignIn, 1, &browser(n), NOW).unwrap();
        let code = code.unwrap();
        for _ in 0..CODE_TRIES {
            let _ = codes.take(&stranger, another(&code), NOW);
        }
        newest = code;
    }
    for _ in 0..100 {
        assert!(issue_to(&mut codes, CodeUse::SignIn, 1, &owner, NOW).is_ok());
    }
    let (hers, none) = issue_to(&mut codes, CodeUse::SignIn, 1, &owner, NOW).unwrap();
    assert_eq!(none, None, "no further message");
    assert_eq!(
        codes.take(&hers, another(&newest), NOW),
        Err(CodeRefused::Wrong)
    );
    assert_eq!(codes.take(&hers, &newest, NOW), Ok(number(1)));
    assert_eq!(codes.take(&hers, &newest, NOW), Err(CodeRefused::Wrong));
}

#[test]
fn a_code_taken_through_one_challenge_is_spent_for_all() {
    let mut codes = codes();
    let out: Vec<(Challenge, String)> = (0..3)
        .map(|_| sent(&mut codes, CodeUse::SignIn, 1))
        .collect();
    let (first, code) = out[2].clone();
    let (second, _) = issue(&mut codes, CodeUse::SignIn, 1, NOW).unwrap();
    assert_eq!(codes.take(&second, &code, NOW), Ok(number(1)));
    assert_eq!(codes.take(&first, &code, NOW), Err(CodeRefused::Wrong));
}

#[test]
fn a_code_of_one_browser_is_wrong_in_another_that_has_its_own() {
    let mut codes = codes();
    let mut sent_to = |n| {
        let (challenge, code) = issue_to(&mut codes, CodeUse::SignIn, 1, &browser(n), NOW).unwrap();
        (challenge, code.unwrap())
    };
    let ((hers, her_code), (his, his_code)) = (sent_to(1), sent_to(2));
    if her_code != his_code {
        let swapped = codes.take(&his, &her_code, NOW);
        assert_eq!(swapped, Err(CodeRefused::Wrong));
    }
    assert_eq!(codes.take(&hers, &her_code, NOW), Ok(number(1)));
}

/// However many browsers and sites guess: what can be compared with a code of a number in ten
/// minutes is as much as it was when all tries were counted together.
#[test]
fn many_challenges_are_no_way_to_guess_a_code() {
    let mut codes = codes();
    let (mut compared, mut tries) = (0, 0);
    // No code that is drawn: guesses that are never right.
    let wrong = "no code";
    for n in 0..=u8::MAX {
        loop {
            let asker = Asker {
                site: [n / 8; 16],
                ..browser(n)
            };
            let issued = codes.issue(CodeUse::SignIn, &number(1), &asker, NOW);
            let Ok((challenge, order)) = issued else {
                assert_eq!(issued.unwrap_err(), CodeRefused::TooMany);
                break;
            };
            let _ = codes.draw(CodeUse::SignIn, &number(1), order);
            let out = &codes.out[&(number(1), CodeUse::SignIn)];
            let answers = |sent: &&Sent| order.among.is_answered_by(sent.drawn_for);
            let out = out.iter().filter(answers).count();
            let before = tries;
            loop {
                let taken = codes.take(&challenge, wrong, NOW);
                tries += 1;
                compared += out;
                if taken == Err(CodeRefused::Void) {
                    break;
                }
            }
            assert!(tries - before <= usize::from(CODE_TRIES));
        }
    }
    println!("{tries} tries, {compared} comparisons");
    assert!(compared <= 90, "{compared}");
    let (asker, use_) = (browser(250), CodeUse::Enrol);
    assert!(
        issue_to(&mut codes, use_, 1, &asker, NOW).is_ok(),
        "a code for one use answers no other"
    );
}

#[test]
fn a_browser_that_is_known_signs_in_whatever_strangers_ask_for_and_type() {
    let mut codes = codes();
    for n in 0..=u8::MAX {
        while let Ok((challenge, _)) = issue_to(&mut codes, CodeUse::SignIn, 1, &browser(n), NOW) {
            while codes.take(&challenge, "wrong", NOW) == Err(CodeRefused::Wrong) {}
        }
    }
    let hers = Asker {
        is_known: true,
        ..browser(7)
    };
    // Tries of her own, up to the last.
    let issued = |codes: &mut CodesOut| issue_to(codes, CodeUse::SignIn, 1, &hers, NOW);
    let (challenge, code) = issued(&mut codes).unwrap();
    let code = code.unwrap();
    for _ in 0..KNOWN_TRIES - 1 {
        let wrong = codes.take(&challenge, another(&code), NOW);
        assert_eq!(wrong, Err(CodeRefused::Wrong));
    }
    assert_eq!(codes.take(&challenge, &code, NOW), Ok(number(1)));
    // And no more: then she is a stranger like all, whose tries are spent.
    let (challenge, code) = issued(&mut codes).unwrap();
    let wrong = codes.take(&challenge, another(&code.unwrap()), NOW);
    assert_eq!(wrong, Err(CodeRefused::Void), "N + 1");
    assert_eq!(issued(&mut codes).unwrap_err(), CodeRefused::TooMany);
    // Nobody guesses at her codes through a challenge of another's.
    let theirs = Among::Others([1; 16]);
    assert!(!theirs.is_answered_by(Among::Known([7; 16])));
}

/// One of many browsers that are known for a number.
fn known(n: u8) -> Asker {
    Asker {
        is_known: true,
        ..browser(n)
    }
}

#[test]
fn so_many_codes_are_sent_to_all_known_browsers_of_a_number_and_the_next_is_asked_as_another() {
    let mut codes = codes();
    let of_known = |codes: &mut CodesOut, n, to, now| {
        let (challenge, code) = issue_to(codes, CodeUse::SignIn, to, &known(n), now).unwrap();
        (challenge.is_of_known_browser(), code)
    };
    let most = u8::try_from(codes.askers.most * KNOWN_AT_ONCE).unwrap();
    for n in 0..most {
        let (is_of_known, code) = of_known(&mut codes, n, 1, NOW);
        assert!(is_of_known && code.is_some(), "{n}");
    }
    // N + 1: another browser's challenge, and a code for it all the same.
    let (is_of_known, code) = of_known(&mut codes, most, 1, NOW);
    assert!(!is_of_known && code.is_some());
    assert!(of_known(&mut codes, most, 2, NOW).0, "of this number alone");
    // Started again, with nothing out that could be guessed at; and when they are over.
    assert!(of_known(&mut self::codes(), most, 1, NOW).0);
    let later = NOW + 2 * CODE_VALID_MILLIS;
    assert!(of_known(&mut codes, most, 1, later).0);
}

#[test]
fn so_many_tries_are_all_known_browsers_of_a_number_given_whoever_collects_them() {
    let mut codes = codes();
    let issued = |codes: &mut CodesOut, n| {
        issue_to(codes, CodeUse::SignIn, 1, &known(n), NOW).map(|(challenge, _)| challenge)
    };
    let last = issued(&mut codes, 200).unwrap();
    let mut tried = 0;
    for n in 0..ALL_KNOWN_TRIES / KNOWN_TRIES {
        let challenge = issued(&mut codes, n).unwrap();
        for _ in 0..KNOWN_TRIES {
            assert_ne!(codes.take(&challenge, "wrong", NOW), Ok(number(1)));
            tried += 1;
        }
    }
    assert_eq!(tried, ALL_KNOWN_TRIES, "N");
    let more = codes.take(&last, "wrong", NOW);
    assert_eq!(more, Err(CodeRefused::Void), "N + 1");
    assert_eq!(codes.figures().wrong, u64::from(ALL_KNOWN_TRIES));
    let next = issued(&mut codes, 201).unwrap();
    assert!(
        !next.is_of_known_browser(),
        "as another, counted by network"
    );
}

#[test]
fn one_site_leaves_a_code_and_tries_to_whoever_is_elsewhere() {
    let mut codes = codes();
    let at_his = |n: u8| Asker {
        site: [1; 16],
        ..browser(n)
    };
    for n in 0..=u8::MAX {
        while let Ok((challenge, _)) = issue_to(&mut codes, CodeUse::SignIn, 1, &at_his(n), NOW) {
            while codes.take(&challenge, "wrong", NOW) == Err(CodeRefused::Wrong) {}
        }
    }
    let out = &codes.out[&(number(1), CodeUse::SignIn)];
    assert_eq!(out.len(), 3, "N");
    let (hers, code) = issue_to(&mut codes, CodeUse::SignIn, 1, &browser(200), NOW).unwrap();
    assert_eq!(codes.take(&hers, &code.unwrap(), NOW), Ok(number(1)));
}

#[test]
fn what_is_old_leaves_no_memory() {
    let mut codes = codes();
    sent(&mut codes, CodeUse::SignIn, 1);
    codes.forget_old(NOW + CODE_VALID_MILLIS);
    assert!(codes.out.is_empty() && codes.ends.is_empty());
    codes.spent.forget_old(NOW + CODE_VALID_MILLIS);
    assert!(codes.spent.is_empty());
}

#[test]
fn numbers_nobody_is_known_by_leave_nothing_and_refuse_nobody() {
    let mut codes = codes();
    for n in 0..120_000 {
        let (challenge, _) = codes
            .issue(CodeUse::SignIn, &number(n), &browser(0), NOW)
            .unwrap();
        let typed = codes.take(&challenge, "000000", NOW);
        assert_eq!(typed, Err(CodeRefused::Wrong));
    }
    assert!(codes.out.is_empty() && codes.ends.is_empty() && codes.spent.is_empty());
    let (challenge, code) = sent(&mut codes, CodeUse::SignIn, 200_001);
    assert!(codes.take(&challenge, &code, NOW).is_ok());
}

#[test]
fn a_known_number_answers_as_one_nobody_has() {
    let mut codes = codes();
    let mut answers = |is_known: bool, to: u32| {
        let mut heard = Vec::new();
        for _ in 0..8 {
            let issued = codes.issue(CodeUse::SignIn, &number(to), &browser(0), NOW);
            let Ok((challenge, order)) = issued else {
                heard.push(issued.map(|_| ()).map_err(|why| why.to_string()));
                continue;
            };
            if is_known {
                let _ = codes.draw(CodeUse::SignIn, &number(to), order);
            }
            for _ in 0..7 {
                let taken = codes.take(&challenge, "no code", NOW);
                heard.push(taken.map(|_| ()).map_err(|why| why.to_string()));
            }
        }
        heard
    };
    assert_eq!(answers(true, 1), answers(false, 2));
}

/// A stranger asks for a code, its owner takes one of hers, and then he types something.
#[test]
fn a_stranger_s_challenge_does_not_tell_that_its_owner_has_signed_in_since() {
    for mine_first in [true, false] {
        let mut codes = codes();
        let mut heard = |is_known: bool, to: u32| {
            let mut heard = Vec::new();
            let (before, order) = codes
                .issue(CodeUse::SignIn, &number(to), &browser(0), NOW)
                .unwrap();
            if is_known {
                if mine_first {
                    let _ = codes.draw(CodeUse::SignIn, &number(to), order);
                }
                let (hers, code) = sent(&mut codes, CodeUse::SignIn, to);
                assert_eq!(codes.take(&hers, &code, NOW), Ok(number(to)));
            }
            let (after, _) = codes
                .issue(CodeUse::SignIn, &number(to), &browser(0), NOW)
                .unwrap();
            for challenge in [before, after] {
                for _ in 0..7 {
                    let taken = codes.take(&challenge, "no code", NOW);
                    heard.push(taken.map(|_| ()).map_err(|why| why.to_string()));
                }
            }
            heard
        };
        assert_eq!(heard(true, 1), heard(false, 2));
    }
}

#[test]
fn a_stranger_s_phone_rings_six_times_a_day() {
    let mut codes = codes();
    let mut rung = 0;
    for minute in 0..24 * 60 {
        let now = NOW + minute * 60_000;
        if let Ok((_, Some(_))) = issue(&mut codes, CodeUse::Enrol, 1, now) {
            rung += 1;
        }
    }
    assert_eq!(rung, 6);
    let tomorrow = NOW + 24 * 3_600_000;
    assert!(matches!(
        issue(&mut codes, CodeUse::Enrol, 1, tomorrow),
        Ok((_, Some(_)))
    ));
}

#[test]
fn newcomers_have_a_ceiling_that_leaves_known_people_their_sign_in() {
    let mut codes = codes();
    let most = Budgets::default().codes_to_newcomers.most;
    for n in 0..most {
        sent(&mut codes, CodeUse::Enrol, n);
    }
    let more = issue(&mut codes, CodeUse::Enrol, most, NOW);
    assert_eq!(more.unwrap_err(), CodeRefused::Unavailable);
    assert_eq!(codes.figures().held_back, 1);
    sent(&mut codes, CodeUse::SignIn, most);
    let later = NOW + 3_600_000;
    assert!(issue(&mut codes, CodeUse::Enrol, most, later).is_ok());
}

#[test]
fn a_challenge_is_believed_only_as_it_was_made() {
    let mut codes = codes();
    let (challenge, code) = sent(&mut codes, CodeUse::SignIn, 1);
    let text = challenge.as_str();
    let changed = |from: usize| {
        let mut bytes = base64::url::decode(&text[2..]).unwrap();
        bytes[from] ^= 1;
        let text = format!("s_{}", base64::url::encode(&bytes));
        Challenge::parse(CodeUse::SignIn, &text).unwrap()
    };
    let last = base64::url::decode(&text[2..]).unwrap().len() - 1;
    for forged in [changed(7), changed(15), changed(20), changed(last)] {
        assert_eq!(codes.take(&forged, &code, NOW), Err(CodeRefused::Void));
    }
    let text = text.replacen("s_", "e_", 1);
    let of_another_use = Challenge::parse(CodeUse::Enrol, &text).unwrap();
    let taken = codes.take(&of_another_use, &code, NOW);
    assert_eq!(taken, Err(CodeRefused::Void));
    assert!(codes.take(&challenge, &code, NOW).is_ok());
}

#[test]
fn drawn_codes_have_six_digits_and_use_all_of_them() {
    let codes: Vec<String> = (0..2_000).map(|_| draw_code()).collect();
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()))
    );
    for place in 0..6 {
        let digits: std::collections::BTreeSet<u8> =
            codes.iter().map(|code| code.as_bytes()[place]).collect();
        assert_eq!(digits.len(), 10, "place {place}");
    }
}
