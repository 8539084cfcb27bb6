//! What an institution signed when it asked for its code of her: without it, the key of a link
//! could be one the operator made up, whose gates say nothing of those the institution releases on.

use akashi_proof::digest::Digest;
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::ids::{Seq, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::record::Record;
use akashi_proof::record::kind::LinkIssued;
use akashi_proof::state::Registry;
use akashi_proof::statement::{Claims, LinkClaims};

use super::file::Link;
use super::problem::{Findings, Place, Problem};

/// The signed request for a link. What it says is the record's; by whom it is signed, the registry
/// has to tell.
pub(super) struct LinkRequest {
    seq: Seq,
    time: Timestamp,
    jws: Jws,
}

impl LinkRequest {
    /// Reads the request a record rests on, and compares it with what the record says and with her
    /// visible ID.
    pub(super) fn of(
        seq: Seq,
        record: &Record,
        issued: &LinkIssued,
        qid: Option<&Digest>,
    ) -> Result<Self, Problem> {
        let read = || {
            let jws = Jws::parse(&issued.statement.0)?;
            is_for(record, issued, qid, &jws)?;
            Ok(Self {
                seq,
                time: record.time,
                jws,
            })
        };
        read().map_err(|fault| not_signed(issued.institution.as_str(), fault))
    }

    /// The key is one the institution could sign with at that time, and it did. It may have been
    /// revoked since.
    fn is_signed_by(&self, link: &Link, registry: &Registry) -> Result<(), Fault> {
        let statement = registry.verify::<LinkClaims>(self.jws.clone())?;
        statement.stands_at(registry, self.time)?;
        if statement.claims().common.iss == link.institution {
            return Ok(());
        }
        Err(Fault::new(
            FaultCode::InvalidKey,
            "iss",
            "the institution of the link",
            "another",
        ))
    }
}

/// Compares each request with the registry.
pub(super) fn check(links: &[Link], registry: &Registry, findings: &Findings) {
    for link in links {
        let Some(request) = &link.request else {
            continue;
        };
        if let Err(fault) = request.is_signed_by(link, registry) {
            findings.add(
                Place::Record(request.seq),
                not_signed(link.institution.as_str(), fault),
            );
        }
    }
}

fn is_for(
    record: &Record,
    issued: &LinkIssued,
    qid: Option<&Digest>,
    jws: &Jws,
) -> Result<(), Fault> {
    let claims = LinkClaims::read(jws)?;
    claims.common.check_audience(&record.origin)?;
    // The writer takes no older one, so one that was used before carries nothing later.
    claims.common.check_fresh(record.time)?;
    Fault::unless_same(
        claims.common.iss == issued.institution,
        "iss",
        "the institution of the link",
    )?;
    Fault::unless_same(
        claims.link_check == issued.link_check,
        "link_check",
        "that of the record",
    )?;
    Fault::unless_same(claims.common.jti == issued.jti, "jti", "that of the record")?;
    Fault::unless_same(*jws.kid() == issued.kid, "kid", "that of the record")?;
    // Her first record has no more than the digest. Where it is not shown, that is reported.
    Fault::unless_same(
        qid.is_none_or(|qid| claims.qid.digest() == *qid),
        "qid",
        "her visible ID",
    )
}

fn not_signed(institution: &str, fault: Fault) -> Problem {
    Problem::LinkNotSigned {
        institution: institution.to_owned(),
        fault,
    }
}
