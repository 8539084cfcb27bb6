//! What a requester finds in the evidence it is given: that it is of what it signed.

use akashi_actors::named;
use akashi_actors::permit::{ORIGIN, PATH, REQUESTER};
use akashi_client::{Access, Decision, Institution, NotGranted, Query, Recorded, Request, Stamp};
use akashi_proof::consent::{AccessMode, Period};
use akashi_proof::evidence::Evidence;
use akashi_proof::ids::{LeafIndex, LinkCode, Timestamp};
use akashi_proof::record::kind::Outcome;
use akashi_proof::statement::{Basis, RequestNonce};
use akashi_tlog::checkpoint::{LogKeys, Origin};
use akashi_tlog::signer::Signer as _;

use crate::holding::{DECIDED, evidence_on, log};

const NONCE: RequestNonce = RequestNonce::from_bytes([14; 16]);

/// What the permit of the fixture was asked with.
fn asked(code: &LinkCode) -> Access<'_> {
    Access {
        subject: Some(code.as_str()),
        role_holder: "dr-sato",
        role: "physician",
        process: "care.consult",
        purpose: "treatment",
        holder: "pharmacy.midori",
        categories: &["allergy", "medication"],
        ..Access::VIEW
    }
}

fn request(who: &str, asked: &Access<'_>, query: &Query<'_>) -> Request<Decision> {
    let who = Institution::new(named(who), Origin::new(ORIGIN).unwrap());
    let stamp = Stamp::draw(DECIDED).unwrap();
    who.access(stamp, asked, query, &NONCE).unwrap()
}

fn answer(evidence: &Evidence) -> Decision {
    Decision {
        id: "x".into(),
        decision: Outcome::Permit,
        reasons: Vec::new(),
        duties: Vec::new(),
        expires: None,
        recorded: Recorded {
            index: LeafIndex::new(77),
            proof: evidence.proof().clone(),
        },
        evidence: Some(evidence.to_string()),
    }
}

#[test]
fn evidence_that_is_not_what_was_asked_is_noticed_by_whoever_asked() {
    let evidence = evidence_on(akashi_actors::permit::LINK_KEY);
    let answer = answer(&evidence);
    let keys = LogKeys::new(vec![log().verifying_key().clone()]).unwrap();
    let code = LinkCode::from_sealed(&[3; LinkCode::SEALED_LEN]);
    let (honest, query) = (|| asked(&code), Query::get(PATH));
    let granted = answer.granted(&request(REQUESTER, &honest(), &query), &keys);
    assert_eq!(granted, Ok(Some(evidence)));

    // Signed with one key, and another was to present: the ledger named the wrong one.
    let other_key = named("hospital.minato").kid().to_string();
    let found = |who, asked: &Access<'_>, query: &Query<'_>| match answer
        .granted(&request(who, asked, query), &keys)
    {
        Err(NotGranted::Other(fault)) => fault.field,
        other => panic!("{other:?}"),
    };
    let from = Some(Timestamp::from_seconds(1));
    for (other, field) in [
        (
            Access {
                role: "nurse",
                ..honest()
            },
            "role",
        ),
        (
            Access {
                process: "care.other",
                ..honest()
            },
            "process",
        ),
        (
            Access {
                purpose: "research",
                ..honest()
            },
            "purpose",
        ),
        (
            Access {
                holder: "pharmacy.kita",
                ..honest()
            },
            "holder",
        ),
        (
            Access {
                categories: &["allergy"],
                ..honest()
            },
            "categories",
        ),
        (
            Access {
                mode: AccessMode::Store,
                ..honest()
            },
            "access_mode",
        ),
        (
            Access {
                period: Period { from, until: None },
                ..honest()
            },
            "period",
        ),
        (
            Access {
                basis: Basis::Statute,
                ..honest()
            },
            "basis_kind",
        ),
        (
            Access {
                presenter: Some(&other_key),
                ..honest()
            },
            "presenter_key",
        ),
    ] {
        assert_eq!(found(REQUESTER, &other, &query), field);
    }
    assert_eq!(
        found(REQUESTER, &honest(), &Query::get("/")),
        "request_digest"
    );
    assert_eq!(found("hospital.minato", &honest(), &query), "requester");

    let none = Decision {
        evidence: None,
        ..answer
    };
    assert_eq!(
        none.granted(&request(REQUESTER, &honest(), &query), &keys),
        Ok(None)
    );
}
