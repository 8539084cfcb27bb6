//! The town's past: six weeks of ordinary life, told as steps. Each step is one command and so one
//! commit, at a time of its own, later than the one before. A start that was killed therefore knows
//! from the time of the last record how far it had come, and goes on with the next step.

use akashi_proof::ids::Timestamp;
use akashi_proof::record::kind::{Outcome, Rule, Template};

use crate::town::deed::{Agreement, Ask, Count, Deed, Ground, Reply, Step};
use crate::town::places::{
    CHUO, CITIZENS, CITY, Citizen, INSTITUTIONS, INSURER, MINATO, PHARMACY, RESEARCH,
};

/// All steps of the past of a town made at this time.
pub fn steps(made: Timestamp) -> Vec<Step> {
    let mut past = Past {
        made,
        steps: Vec::new(),
    };
    past.institutions_join();
    past.citizens_join();
    past.citizens_agree();
    past.weeks_of_accesses();
    past.today();
    past.steps
}

/// When the past of a town made at this time ends: the time of its last step.
pub fn end(made: Timestamp) -> Timestamp {
    steps(made).last().map_or(made, |step| step.at)
}

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// Japan is nine hours ahead of UTC, all year.
const JAPAN: u64 = 9 * 60 * MINUTE;

struct Past {
    made: Timestamp,
    steps: Vec<Step>,
}

impl Past {
    /// A step on a day before the town was made, at a time of day in Japan. Steps at the same time
    /// follow each other by a second.
    fn on(&mut self, days_ago: u64, (hour, minute): (u64, u64), deed: Deed) {
        let today = (self.made.as_millis() + JAPAN) / DAY * DAY - JAPAN;
        let at = today.saturating_sub(days_ago * DAY) + (hour * 60 + minute) * MINUTE;
        self.push(Timestamp::from_millis(at), deed);
    }

    /// A step so many minutes before the town was made.
    fn before(&mut self, minutes: u64, deed: Deed) {
        self.push(self.made.minus_millis(minutes * MINUTE), deed);
    }

    /// A step so many seconds after the one before.
    fn then(&mut self, seconds: u64, deed: Deed) {
        let last = self.steps.last().map_or(self.made, |step| step.at);
        self.push(last.plus_millis(seconds * 1000), deed);
    }

    fn push(&mut self, at: Timestamp, deed: Deed) {
        let earliest = self
            .steps
            .last()
            .map_or(at, |step| step.at.plus_millis(1000));
        self.steps.push(Step {
            at: at.max(earliest),
            deed,
        });
    }

    fn institutions_join(&mut self) {
        for institution in &INSTITUTIONS {
            self.on(42, (9, 0), Deed::Certify(institution));
            self.then(20, Deed::HandOverEvidenceKey(institution));
            for (id, role) in institution.role_holders {
                self.then(5, Deed::AssignRole(institution, id, role));
            }
        }
    }

    fn citizens_join(&mut self) {
        for citizen in &CITIZENS {
            self.on(41, (10, 0), Deed::Enrol(citizen));
            if citizen.email.is_some() {
                self.then(150, Deed::VerifyEmail(citizen));
            }
        }
        for citizen in &CITIZENS {
            for institution in citizen.links {
                self.on(39, (9, 30), Deed::Link(citizen, institution));
            }
        }
    }

    fn citizens_agree(&mut self) {
        for (key, agreements) in AGREED {
            if let Some(citizen) = citizen(key) {
                self.on(37, (12, 15), Deed::Consent(citizen, agreements));
            }
        }
    }

    fn weeks_of_accesses(&mut self) {
        use Deed::{Access, Alert, AnswerApproval, ExpireApproval, Notice, Release, Statistics};
        self.on(35, (9, 12), Access(&HARUKA_FIRST_VISIT));
        self.then(40, Release(&HARUKA_FIRST_VISIT, "1"));
        self.on(34, (15, 40), Access(&EMMA_VISIT));
        self.on(33, (11, 5), Access(&SORA_DISPENSING));
        self.then(25, Release(&SORA_DISPENSING, "1"));
        self.on(31, (10, 0), Statistics(&CITY_COUNT));
        self.on(30, (14, 20), Access(&RIKU_BEFORE_NARROWING));
        self.then(60, Release(&RIKU_BEFORE_NARROWING, "1"));
        self.on(29, (9, 45), Access(&SHIZUE_CLAIM));
        self.on(28, (13, 30), Access(&HARUKA_OTHER_HOSPITAL));
        self.on(27, (16, 10), Statistics(&SMALL_COUNT));
        self.on(26, (10, 50), Access(&YUI_RESEARCH));
        self.on(24, (9, 5), Access(&DAICHI_SHORT));
        self.on(22, (17, 25), Access(&TAKESHI_UNKNOWN_THERE));

        // The city looks closer at one person: asked, approved, decided anew, released once and not
        // again on something else.
        self.on(20, (10, 0), Access(&HARUKA_DRILL_DOWN));
        self.ring_with_question(&HARUKA_DRILL_DOWN);
        self.then(1_260, AnswerApproval(&HARUKA_DRILL_DOWN, Reply::Approve));
        self.then(3, Notice(&HARUKA_DRILL_DOWN, Template::ApprovalPermitted));
        self.then(90, Release(&HARUKA_DRILL_DOWN, "1"));
        self.then(200, Release(&HARUKA_DRILL_DOWN, "2"));
        self.then(1, Alert(&HARUKA_DRILL_DOWN, Rule::EvidenceMisused));
        self.then(2, Notice(&HARUKA_DRILL_DOWN, Template::ReleaseRefused));

        self.on(18, (11, 30), Access(&TAKESHI_BENEFIT));
        self.on(17, (9, 20), Access(&HARUKA_SECOND_VISIT));
        self.then(30, Release(&HARUKA_SECOND_VISIT, "1"));
        self.on(16, (18, 2), Access(&MEI_WRONG_ROLE));
        self.found_out_of_purpose(&MEI_WRONG_ROLE);

        self.on(15, (13, 0), Access(&MICHIKO_DRILL_DOWN));
        self.ring_with_question(&MICHIKO_DRILL_DOWN);
        self.then(
            3_100,
            AnswerApproval(&MICHIKO_DRILL_DOWN, Reply::RefuseBySms),
        );
        self.then(3, Notice(&MICHIKO_DRILL_DOWN, Template::ApprovalRefused));

        self.on(14, (20, 15), Deed::Narrow(&CITIZENS[1], &RIKU_NARROWED));
        self.on(13, (10, 40), Access(&RIKU_AFTER_NARROWING));
        self.on(13, (21, 30), Deed::Withdraw(&CITIZENS[2], "shizue insurer"));

        // At night, in an emergency.
        self.on(12, (2, 10), Access(&DAICHI_EMERGENCY));
        self.then(2, Notice(&DAICHI_EMERGENCY, Template::EmergencyAccess));
        self.then(45, Release(&DAICHI_EMERGENCY, "1"));

        // Silence is no consent.
        self.on(10, (9, 30), Access(&AN_VACCINATION));
        self.ring_with_question(&AN_VACCINATION);
        self.on(7, (9, 31), ExpireApproval(&AN_VACCINATION));
        self.then(3, Notice(&AN_VACCINATION, Template::ApprovalExpired));

        self.on(7, (11, 0), Access(&SHIZUE_AFTER_WITHDRAWAL));
        self.on(6, (10, 10), Access(&DAICHI_VACCINATION));
        self.ring_with_question(&DAICHI_VACCINATION);
        self.then(
            640,
            AnswerApproval(&DAICHI_VACCINATION, Reply::ApproveBySms),
        );

        // Outside the purpose.
        self.on(5, (16, 45), Access(&TAKESHI_OUT_OF_PURPOSE));
        self.found_out_of_purpose(&TAKESHI_OUT_OF_PURPOSE);

        self.on(4, (9, 50), Access(&MICHIKO_DISPENSING));
        self.then(20, Release(&MICHIKO_DISPENSING, "1"));
        self.on(3, (15, 15), Access(&KENJI_RESEARCH));
        self.on(2, (11, 20), Access(&HARUKA_NURSE));
        self.found_out_of_purpose(&HARUKA_NURSE);
        self.on(1, (14, 5), Access(&EMMA_DISPENSING));
        self.then(35, Release(&EMMA_DISPENSING, "1"));
    }

    /// Her phone hears of the question.
    fn ring_with_question(&mut self, ask: &'static Ask) {
        self.then(4, Deed::Notice(ask, Template::ApprovalRequest));
    }

    /// What the notifier finds and says of an access outside the whitelist.
    fn found_out_of_purpose(&mut self, ask: &'static Ask) {
        self.then(1, Deed::Alert(ask, Rule::OutOfPurpose));
        self.then(2, Deed::Notice(ask, Template::OutOfPurpose));
    }

    fn today(&mut self) {
        self.before(170, Deed::Access(&HARUKA_THIRD_VISIT));
        self.then(28, Deed::Release(&HARUKA_THIRD_VISIT, "1"));
        self.before(95, Deed::Access(&RIKU_INSURER));
        self.before(40, Deed::Access(&SORA_DISPENSING_AGAIN));
        self.then(22, Deed::Release(&SORA_DISPENSING_AGAIN, "1"));
    }
}

/// The citizen with this key.
pub fn citizen(key: &str) -> Option<&'static Citizen> {
    CITIZENS.iter().find(|citizen| citizen.key == key)
}

const fn agreement(
    label: &'static str,
    (recipient, holder): (&'static str, &'static str),
    purpose: &'static str,
    categories: &'static [&'static str],
    days: u64,
) -> Agreement {
    Agreement {
        label,
        recipient,
        holder,
        purpose,
        categories,
        days,
    }
}

/// Who agreed to what; agreements in one list were on one screen.
const AGREED: &[(&str, &[Agreement])] = &[
    (
        "haruka",
        &[
            agreement(
                "haruka chuo",
                (CHUO, PHARMACY),
                "treatment",
                &["medication", "allergy"],
                365,
            ),
            agreement(
                "haruka pharmacy",
                (PHARMACY, CHUO),
                "dispensing",
                &["medication", "allergy"],
                365,
            ),
        ],
    ),
    (
        "haruka",
        &[agreement(
            "haruka chuo minato",
            (CHUO, MINATO),
            "treatment",
            &["diagnosis", "lab-result", "admission", "medication"],
            365,
        )],
    ),
    (
        "riku",
        &[agreement(
            "riku chuo",
            (CHUO, MINATO),
            "treatment",
            &["diagnosis", "lab-result", "medication"],
            180,
        )],
    ),
    (
        "riku",
        &[agreement(
            "riku insurer",
            (INSURER, CHUO),
            "claim-review",
            &["diagnosis", "admission"],
            90,
        )],
    ),
    (
        "shizue",
        &[agreement(
            "shizue insurer",
            (INSURER, CHUO),
            "claim-review",
            &["diagnosis", "admission"],
            365,
        )],
    ),
    (
        "emma",
        &[
            agreement(
                "emma minato",
                (MINATO, CHUO),
                "treatment",
                &["allergy", "lab-result", "diagnosis"],
                365,
            ),
            agreement(
                "emma pharmacy",
                (PHARMACY, CHUO),
                "dispensing",
                &["medication", "allergy"],
                365,
            ),
        ],
    ),
    (
        "yui",
        &[agreement(
            "yui research",
            (RESEARCH, MINATO),
            "research",
            &["vaccination", "lab-result"],
            730,
        )],
    ),
    (
        "daichi",
        &[agreement(
            "daichi chuo",
            (CHUO, MINATO),
            "treatment",
            &["lab-result", "medication"],
            21,
        )],
    ),
    (
        "michiko",
        &[agreement(
            "michiko pharmacy",
            (PHARMACY, CHUO),
            "dispensing",
            &["medication", "allergy"],
            365,
        )],
    ),
    (
        "sora",
        &[agreement(
            "sora pharmacy",
            (PHARMACY, MINATO),
            "dispensing",
            &["medication", "allergy"],
            365,
        )],
    ),
    (
        "kenji",
        &[agreement(
            "kenji research",
            (RESEARCH, CHUO),
            "research",
            &["diagnosis", "medication"],
            365,
        )],
    ),
];

/// What is left of the consent of the same label.
const RIKU_NARROWED: Agreement = agreement(
    "riku chuo",
    (CHUO, MINATO),
    "treatment",
    &["lab-result", "medication"],
    120,
);

const CHUO_PHYSICIAN: (&str, &str, &str) = (CHUO, "physician-1", "physician");
const CHUO_EMERGENCY: (&str, &str, &str) = (CHUO, "emergency-1", "emergency-physician");
const MINATO_PHYSICIAN: (&str, &str, &str) = (MINATO, "physician-1", "physician");
const PHARMACIST: (&str, &str, &str) = (PHARMACY, "pharmacist-1", "pharmacist");
const WELFARE: (&str, &str, &str) = (CITY, "welfare-1", "welfare-officer");
const HEALTH: (&str, &str, &str) = (CITY, "health-1", "public-health-nurse");
const ASSESSOR: (&str, &str, &str) = (INSURER, "assessor-1", "claims-assessor");
const RESEARCHER: (&str, &str, &str) = (RESEARCH, "researcher-1", "researcher");

macro_rules! asks {
    ($( $name:ident: $label:literal, $citizen:literal, $asker:expr,
        ($process:literal, $purpose:literal), $holder:expr,
        [$($category:literal),+], $ground:expr => $outcome:expr; )*) => { $(
        const $name: Ask = Ask {
            label: $label, citizen: $citizen, asker: $asker, process: $process, purpose: $purpose,
            holder: $holder, categories: &[$($category),+], ground: $ground, outcome: $outcome,
        };
    )* };
}

use Ground::{Consent, Emergency, Statute};

asks! {
    HARUKA_FIRST_VISIT: "haruka visit 1", "haruka", CHUO_PHYSICIAN, ("care.consult", "treatment"),
        PHARMACY, ["medication", "allergy"], Consent => Outcome::Permit;
    HARUKA_SECOND_VISIT: "haruka visit 2", "haruka", CHUO_PHYSICIAN, ("care.consult", "treatment"),
        MINATO, ["diagnosis", "lab-result"], Consent => Outcome::Permit;
    HARUKA_THIRD_VISIT: "haruka visit 3", "haruka", CHUO_PHYSICIAN, ("care.consult", "treatment"),
        PHARMACY, ["medication"], Consent => Outcome::Permit;
    // She agreed to nothing there: refused at step 9.
    HARUKA_OTHER_HOSPITAL: "haruka other hospital", "haruka", MINATO_PHYSICIAN,
        ("care.consult", "treatment"),
        CHUO, ["diagnosis"], Consent => Outcome::Deny;
    HARUKA_DRILL_DOWN: "haruka drill-down", "haruka", WELFARE,
        ("city.drill-down", "welfare-support"),
        CHUO, ["care-level", "admission"], Consent => Outcome::Ask;
    // A nurse may not see diagnoses: refused at step 4.
    HARUKA_NURSE: "haruka nurse", "haruka", (CHUO, "nurse-1", "nurse"),
        ("care.consult", "treatment"),
        MINATO, ["diagnosis"], Consent => Outcome::Deny;
    RIKU_BEFORE_NARROWING: "riku visit 1", "riku", CHUO_PHYSICIAN, ("care.consult", "treatment"),
        MINATO, ["diagnosis", "lab-result"], Consent => Outcome::Permit;
    // The same again after she left less standing: refused at step 9.
    RIKU_AFTER_NARROWING: "riku visit 2", "riku", CHUO_PHYSICIAN, ("care.consult", "treatment"),
        MINATO, ["diagnosis", "lab-result"], Consent => Outcome::Deny;
    RIKU_INSURER: "riku claim", "riku", ASSESSOR, ("insurer.claim-review", "claim-review"),
        CHUO, ["admission"], Consent => Outcome::Permit;
    SHIZUE_CLAIM: "shizue claim 1", "shizue", ASSESSOR, ("insurer.claim-review", "claim-review"),
        CHUO, ["diagnosis", "admission"], Consent => Outcome::Permit;
    // After she withdrew: refused at step 9.
    SHIZUE_AFTER_WITHDRAWAL: "shizue claim 2", "shizue", ASSESSOR,
        ("insurer.claim-review", "claim-review"),
        CHUO, ["diagnosis"], Consent => Outcome::Deny;
    EMMA_VISIT: "emma visit", "emma", MINATO_PHYSICIAN, ("care.consult", "treatment"),
        CHUO, ["allergy", "lab-result"], Consent => Outcome::Permit;
    EMMA_DISPENSING: "emma dispensing", "emma", PHARMACIST, ("pharmacy.dispense", "dispensing"),
        CHUO, ["medication", "allergy"], Consent => Outcome::Permit;
    SORA_DISPENSING: "sora dispensing 1", "sora", PHARMACIST, ("pharmacy.dispense", "dispensing"),
        MINATO, ["medication"], Consent => Outcome::Permit;
    SORA_DISPENSING_AGAIN: "sora dispensing 2", "sora", (PHARMACY, "pharmacist-2", "pharmacist"),
        ("pharmacy.dispense", "dispensing"), MINATO, ["medication", "allergy"],
        Consent => Outcome::Permit;
    MICHIKO_DISPENSING: "michiko dispensing", "michiko", PHARMACIST,
        ("pharmacy.dispense", "dispensing"),
        CHUO, ["medication"], Consent => Outcome::Permit;
    MICHIKO_DRILL_DOWN: "michiko drill-down", "michiko", WELFARE,
        ("city.drill-down", "welfare-support"),
        CHUO, ["care-level"], Consent => Outcome::Ask;
    YUI_RESEARCH: "yui research", "yui", RESEARCHER, ("research.cohort", "research"),
        MINATO, ["vaccination"], Consent => Outcome::Permit;
    KENJI_RESEARCH: "kenji research", "kenji", RESEARCHER, ("research.cohort", "research"),
        CHUO, ["diagnosis", "medication"], Consent => Outcome::Permit;
    DAICHI_SHORT: "daichi visit", "daichi", CHUO_PHYSICIAN, ("care.consult", "treatment"),
        MINATO, ["lab-result"], Consent => Outcome::Permit;
    DAICHI_EMERGENCY: "daichi emergency", "daichi", CHUO_EMERGENCY,
        ("care.emergency", "emergency-treatment"),
        MINATO, ["medication", "allergy", "diagnosis"],
        Emergency("unconscious", "救急搬送。意識がなく、服薬とアレルギーの確認が必要") => Outcome::Permit;
    DAICHI_VACCINATION: "daichi vaccination", "daichi", HEALTH,
        ("city.vaccination-reminder", "public-health"),
        CHUO, ["vaccination"], Consent => Outcome::Ask;
    AN_VACCINATION: "an vaccination", "an", HEALTH, ("city.vaccination-reminder", "public-health"),
        CHUO, ["vaccination"], Consent => Outcome::Ask;
    // The pharmacy has no code for him: refused at step 6.
    TAKESHI_UNKNOWN_THERE: "takeshi pharmacy", "takeshi", CHUO_PHYSICIAN,
        ("care.consult", "treatment"),
        PHARMACY, ["medication"], Consent => Outcome::Deny;
    TAKESHI_BENEFIT: "takeshi benefit", "takeshi", WELFARE,
        ("city.benefit-check", "benefit-eligibility"),
        INSURER, ["insurance-coverage"], Statute => Outcome::Permit;
    // A claim is no reason for research: refused at step 4, and he is told.
    TAKESHI_OUT_OF_PURPOSE: "takeshi out of purpose", "takeshi", ASSESSOR,
        ("insurer.claim-review", "research"),
        CHUO, ["diagnosis", "medication"], Consent => Outcome::Deny;
    // The nurse is no physician: refused at step 3.
    MEI_WRONG_ROLE: "mei wrong role", "mei", (CHUO, "nurse-1", "physician"),
        ("care.consult", "treatment"),
        MINATO, ["diagnosis"], Consent => Outcome::Deny;
}

/// What is asked after the town has started, so that somebody has a question to answer today.
pub const OPEN_QUESTION: &Ask = &Ask {
    label: "shizue open question",
    citizen: "shizue",
    asker: WELFARE,
    process: "city.drill-down",
    purpose: "welfare-support",
    holder: CHUO,
    categories: &["admission", "care-level"],
    ground: Consent,
    outcome: Outcome::Ask,
};

const CITY_COUNT: Count = Count {
    label: "city count",
    asker: (CITY, "statistics-1", "statistics-officer"),
    process: "city.statistics",
    purpose: "official-statistics",
    holder: CHUO,
    categories: &["vaccination"],
    cohort: 412,
    outcome: Outcome::Permit,
};

/// Too few: refused at step 9.
const SMALL_COUNT: Count = Count {
    label: "small count",
    asker: RESEARCHER,
    process: "research.cohort",
    purpose: "research",
    holder: MINATO,
    categories: &["diagnosis"],
    cohort: 7,
    outcome: Outcome::Deny,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_only_grow_and_end_shortly_before_the_town_was_made_whatever_the_hour() {
        for hour in 0..48 {
            let made = Timestamp::from_millis(1_790_000_000_000 + hour * 30 * MINUTE);
            let steps = steps(made);
            assert!(steps.windows(2).all(|pair| pair[0].at < pair[1].at));
            let late = steps
                .windows(2)
                .filter(|pair| pair[1].at.as_millis() - pair[0].at.as_millis() == 1000)
                .count();
            assert!(late < 80, "{late} steps were pushed behind the one before");
            assert!(end(made) < made && end(made).plus_millis(60 * MINUTE) > made);
            assert!(made.as_millis() - steps[0].at.as_millis() > 41 * DAY);
        }
    }

    #[test]
    fn labels_and_people_of_the_steps_exist_once() {
        let mut labels = std::collections::BTreeSet::new();
        for step in steps(Timestamp::from_millis(1_790_000_000_000)) {
            match step.deed {
                Deed::Access(ask) => {
                    assert!(labels.insert(ask.label.to_owned()), "{}", ask.label);
                    let citizen = citizen(ask.citizen).unwrap();
                    assert!(citizen.links.contains(&ask.asker.0), "{}", ask.label);
                }
                Deed::Consent(citizen, agreements) => {
                    for agreement in agreements {
                        assert!(labels.insert(format!("consent {}", agreement.label)));
                        assert!(citizen.links.contains(&agreement.recipient));
                    }
                }
                _ => {}
            }
        }
    }
}
