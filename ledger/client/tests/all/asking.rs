//! What an institution signs: read back before it is sent, and never shown.

use akashi_client::{Access, PrivateJwk, Query};
use akashi_proof::digest::Secret;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{LinkCode, Qid};
use akashi_proof::jws::Jws;
use akashi_proof::statement::{AccessClaims, Act, Basis, Claims, RequestNonce};

use crate::script::{access, asked, hospital, stamp};

const NONCE: RequestNonce = RequestNonce::from_bytes([2; 16]);

#[test]
fn an_access_says_what_was_asked_for_which_query() {
    let request = access();
    let claims = AccessClaims::read(&Jws::parse(request.message().body()).unwrap()).unwrap();
    assert_eq!(claims.common, hospital().common(stamp()));
    assert_eq!(
        claims.request_digest,
        Query::get("/medication").digest(&NONCE)
    );
    let code = LinkCode::from_sealed(&[3; 35]);
    let again = asked(&code)
        .claims(claims.common.clone(), claims.request_digest)
        .unwrap();
    assert_eq!(again, claims);
}

#[test]
fn what_a_ledger_could_not_read_is_never_a_request() {
    let code = LinkCode::from_sealed(&[3; 35]);
    let good = || asked(&code);
    let field = |asked: Access<'_>| {
        let query = Query::get("/medication");
        let fault = hospital().access(stamp(), &asked, &query, &NONCE);
        fault.map(|_| ()).map_err(|Fault { field, .. }| field)
    };
    assert_eq!(field(good()), Ok(()));
    assert_eq!(
        field(Access {
            subject: good().subject,
            ..Access::VIEW
        }),
        Err("role_holder".into())
    );
    for (asked, expected) in [
        (
            Access {
                subject: None,
                ..good()
            },
            "subject",
        ),
        (
            Access {
                subject: Some("qid:1"),
                ..good()
            },
            "subject",
        ),
        (
            Access {
                role: "Physician!",
                ..good()
            },
            "role",
        ),
        (
            Access {
                process: "",
                ..good()
            },
            "process",
        ),
        (
            Access {
                purpose: "a b",
                ..good()
            },
            "purpose",
        ),
        (
            Access {
                holder: "Midori",
                ..good()
            },
            "holder",
        ),
        (
            Access {
                categories: &[],
                ..good()
            },
            "categories",
        ),
        (
            Access {
                case: Some("a\nb"),
                ..good()
            },
            "case",
        ),
        (
            Access {
                basis: Basis::Emergency {
                    reason_code: "unconscious".into(),
                    reason_text: "r".repeat(1001),
                },
                ..good()
            },
            "basis.reason_text",
        ),
    ] {
        assert_eq!(field(asked), Err(expected.to_owned()));
    }

    let qid = || Qid::parse(&format!("qid:{}", "7".repeat(43))).unwrap();
    let link = |code: &str| hospital().link(stamp(), qid(), code, &Secret::from_bytes([9; 32]));
    assert!(link("123456").is_ok());
    assert_eq!(link("12345").unwrap_err().field, "code");
    let path = "/".repeat(2049);
    assert_eq!(
        hospital().read::<()>(stamp(), &path).unwrap_err().field,
        "htu"
    );
    let act = Act::SuspendInstitution {
        institution: hospital().id().clone(),
        reason: String::new(),
    };
    assert_eq!(
        hospital().act(stamp(), act, None).unwrap_err().field,
        "reason"
    );
}

#[test]
fn nothing_secret_stands_in_what_is_printed() {
    let key = Secret::from_bytes([9; 32]);
    let qid = Qid::parse(&format!("qid:{}", "7".repeat(43))).unwrap();
    let link = hospital().link(stamp(), qid, "123456", &key).unwrap();
    assert_eq!(format!("{link:?}"), "POST /v1/link-codes");
    assert_eq!(format!("{:?}", link.message()), "POST /v1/link-codes");
    let read = hospital().read::<()>(stamp(), "/v1/accesses/x").unwrap();
    assert_eq!(format!("{read:?}"), "GET /v1/accesses/x");
    let jwk: PrivateJwk = hospital().signatory().jwk();
    assert_eq!(format!("{jwk:?}"), "PrivateJwk(..)");
}
