//! Evidence: the proof inside it, the fields it opens, and for a holder the sealed part and the
//! gate.

use akashi_proof::entry::Entry;
use akashi_proof::evidence::{Evidence, EvidenceError, HolderPart, VerifiedEvidence};
use akashi_proof::fault::{Fault, FaultCode};
use akashi_proof::gate::{CatchUp, GateUse, KeptGates, SeenLog};
use akashi_proof::key::{evidence_kid, thumbprint};
use akashi_proof::record::commitment::DisclosureError;
use akashi_proof::record::kind::KeyUse;
use akashi_proof::state::Registry;
use akashi_proof::statement::Presentation;
use akashi_tlog::checkpoint::LogKeys;
use serde_json::{Value, json};

use super::{Asked, HolderKey, HolderLink, Kept, Problem, Report, Request};
use crate::time::rfc3339;

pub(super) fn check(request: &Request<'_>, report: &mut Report) -> Result<(), Problem> {
    let evidence = Evidence::parse(request.bytes)?;
    let verified = evidence
        .verify(request.keys, &[])
        .map_err(|error| renamed_or(&evidence, error))?;
    let (_, inclusion) = evidence.proof().verify_extra(request.keys, &[])?;

    report.meaning = Some(
        "The log holds this permit: the requester may see these data of one person at the holder.",
    );
    report.fact("file", "file", "akashi-evidence");
    report.fact("requester", "who may see", verified.requester.as_str());
    report.fact("role", "in the role", verified.role.as_str());
    report.fact(
        "categories",
        "which data",
        texts(verified.categories.iter()),
    );
    report.fact("holder", "held by", verified.holder.as_str());
    report.fact("purpose", "what for", verified.purpose.as_str());
    report.fact("process", "in the process", verified.process.as_str());
    report.fact(
        "basis_kind",
        "on the ground of",
        verified.basis_kind.as_str(),
    );
    report.fact("duties", "duties", texts(verified.duties.iter()));
    report.fact("access_mode", "to", verified.access_mode.as_str());
    for (key, label, end) in [
        ("period_from", "data from", verified.period.from),
        ("period_until", "data before", verified.period.until),
    ] {
        if let Some(end) = end {
            report.fact(key, label, rfc3339(end.as_millis()));
        }
    }
    report.fact("time", "decided", rfc3339(verified.time.as_millis()));
    report.fact(
        "expires",
        "holds until",
        rfc3339(verified.expires.as_millis()),
    );
    report.fact("state", "state", state(&verified, request));
    report.fact(
        "request_digest",
        "for the request",
        verified.request_digest.to_base64url(),
    );
    report.fact(
        "policy_digest",
        "under the policy",
        verified.policy_digest.to_base64url(),
    );
    if let Some(consent) = &verified.consent {
        report.fact(
            "consent",
            "by the consent",
            format!("at entry {}", consent.index),
        );
        report.fact(
            "consent_time",
            "given or narrowed",
            rfc3339(consent.time.as_millis()),
        );
        report.fact(
            "consent_until",
            "stands until",
            rfc3339(consent.terms.valid_until.as_millis()),
        );
        report.fact("consent_assurance", "known by", consent.assurance.as_str());
    }
    if let Some(approval) = &verified.approval {
        report.fact(
            "approval",
            "by her approval",
            format!("at entry {}", approval.index),
        );
        report.fact(
            "approval_time",
            "answered",
            rfc3339(approval.time.as_millis()),
        );
        report.fact(
            "approval_assurance",
            "known by",
            approval.assurance.as_str(),
        );
    }
    report.fact(
        "presenter",
        "shown with key",
        thumbprint(&verified.presenter).to_string(),
    );
    report.place(verified.index, inclusion.checkpoint());
    report.fact(
        "sealed_for",
        "sealed for key",
        evidence.sealed_for().as_str(),
    );

    if let Err(error) = verified.check_time(request.now) {
        if request.release {
            return Err(error.into());
        }
        report.notes.push(format!(
            "This evidence is {}. It still proves that there was a permit; no data may be released on it.",
            state(&verified, request)
        ));
    }
    if let Some(asked) = &request.presented {
        check_presented((request, asked), report, &verified)?;
    }
    check_opened(request, report, (&evidence, &verified))?;
    if request.release && request.presented.is_none() {
        return Err(Problem::NotPresented);
    }
    Ok(())
}

/// The sealed part, where the holder's key opens it.
fn check_opened(
    request: &Request<'_>,
    report: &mut Report,
    (evidence, verified): (&Evidence, &VerifiedEvidence<'_>),
) -> Result<(), Problem> {
    match open(request, evidence, verified)? {
        Some(part) => check_holder_part(request, report, verified, &part),
        None if request.release => Err(Problem::NotForThisHolder {
            named: evidence.sealed_for().to_string(),
        }),
        None => {
            let note = "The sealed part (the holder's code for the person, gate number, nonce) was not checked: that takes \
                        the holder's keys (--holder-key).";
            report.notes.push(note.to_owned());
            Ok(())
        }
    }
}

/// Whoever shows the evidence is its requester: the key it names has signed that it is shown to
/// this holder, now.
fn check_presented(
    (request, asked): (&Request<'_>, &Asked<'_>),
    report: &mut Report,
    verified: &VerifiedEvidence<'_>,
) -> Result<(), Problem> {
    let presented = Presentation::parse(asked.presentation)
        .and_then(|presentation| presentation.verify(&verified.presentable()))
        .map_err(Problem::Presented)?;
    let claims = presented.claims();
    let by = format!("{}, key {}", claims.common.iss, presented.kid());
    report.fact("presented_by", "presented by", by);
    let at = rfc3339(claims.common.iat.as_millis());
    report.fact("presented_at", "presented", at);
    if !request.whole {
        let note = "Whether the registry has that key for the requester was not checked: that takes the whole log (--log, --whole).";
        report.notes.push(note.to_owned());
    }
    match presented.check_fresh(request.now) {
        Err(fault) if request.release => Err(Problem::Presented(fault)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// What the registry says of evidence: the key that presents it was one the requester signed with
/// when it asked - of what the person approved, before she did - and the pack that decided was in
/// force. Before a release the key must not have ended. Returns whose the key is; `None` of a file
/// that is no evidence.
pub(super) fn check_registered(
    request: &Request<'_>,
    registry: &Registry,
) -> Result<Option<String>, Problem> {
    let Ok(evidence) = Evidence::parse(request.bytes) else {
        return Ok(None);
    };
    let verified = evidence.verify(request.keys, &[])?;
    let key = registry.key(&thumbprint(&verified.presenter));
    let key = key.filter(|key| {
        let was_valid = match &verified.approval {
            Some(approval) => key.key_use == KeyUse::Sign && key.valid_from <= approval.time,
            None => key.is_valid(KeyUse::Sign, verified.time),
        };
        key.institution == verified.requester && was_valid
    });
    let Some(key) = key else {
        let expected = "a signing key the requester had then";
        let fault = Fault::unless_same(false, "presenter_key", expected);
        return fault.map(|()| None).map_err(Problem::Registered);
    };
    let in_force = registry.was_in_force(&verified.policy_digest, verified.time);
    let expected = "that of the pack in force then";
    Fault::unless_same(in_force, "policy_digest", expected).map_err(Problem::Registered)?;
    if request.release && key.has_ended(request.now) {
        let expected = "a key that has not ended";
        let fault = Fault::new(FaultCode::InvalidKey, "kid", expected, "one that has");
        return Err(Problem::Presented(fault));
    }
    Ok(Some(key.institution.to_string()))
}

/// Where the record's kind is unknown nothing can be said of it - unless the fields are not even
/// those the entry commits to, which needs no knowledge of kinds.
fn renamed_or(evidence: &Evidence, error: EvidenceError) -> EvidenceError {
    if !matches!(error, EvidenceError::Fields(DisclosureError::Record(_))) {
        return error;
    }
    let opened = evidence.disclosure().commitment();
    let entry = evidence
        .proof()
        .extra()
        .and_then(|bytes| Entry::parse(bytes).ok());
    if entry.is_some_and(|entry| opened == Ok(entry.commitment)) {
        error
    } else {
        EvidenceError::Commitment
    }
}

/// Opens the sealed part with whichever of the holder's keys does; `None` without keys.
fn open(
    request: &Request<'_>,
    evidence: &Evidence,
    verified: &VerifiedEvidence<'_>,
) -> Result<Option<HolderPart>, Problem> {
    let named = evidence.sealed_for();
    let mut problem = None;
    for HolderKey { evidence_key, .. } in request.holder_keys {
        let found = evidence_kid(evidence_key);
        match verified.unseal(evidence_key) {
            Ok(part) if found == *named => return Ok(Some(part)),
            Ok(_) => {
                return Err(Problem::OtherEvidenceKey {
                    named: named.to_string(),
                    found: found.to_string(),
                });
            }
            Err(error) if found == *named => return Err(error.into()),
            Err(_) => {
                problem = Some(Problem::NotForThisHolder {
                    named: named.to_string(),
                })
            }
        }
    }
    problem.map_or(Ok(None), Err)
}

/// The gate is that of the link sealed in the evidence, under a number that may be released on. A
/// gate of any other link, though a key to it may be at hand, would be a permit about another
/// person.
fn check_holder_part(
    request: &Request<'_>,
    report: &mut Report,
    verified: &VerifiedEvidence<'_>,
    part: &HolderPart,
) -> Result<(), Problem> {
    report.fact("link_code", "person", part.link_code.as_str());
    report.fact("gate_number", "gate number", part.gate_number.value());
    if let Some(asked) = &request.presented {
        verified.check_request(part, asked.method, asked.path, asked.body)?;
        let query = format!("{} {}", asked.method, asked.path);
        report.fact("presented_with", "with the query", query);
    }
    let Some(link) = link_of(request, part)? else {
        if request.release {
            return Err(Problem::GateNotChecked);
        }
        report.notes.push(
            "The gate was not checked: that takes the key of the link (`link_code`, `link_key`)."
                .into(),
        );
        return Ok(());
    };
    let number = part.gate_number;
    verified
        .check_gate_bytes(number, &link.key)
        .map_err(|_| Problem::Gate { number })?;
    report.fact("gate", "gate", "is this link's");
    let Some(kept) = &request.kept else {
        if request.release {
            return Err(Problem::NothingKept);
        }
        report.notes.push(
            "The gate number was not compared with those released on: what is kept was not given (--kept).".into(),
        );
        return Ok(());
    };
    let (gates, seen) = caught_up(request.keys, kept, link)?;
    let found = verified.check_gate(part, &link.key, (&gates, &seen), request.now)?;
    let found = match found {
        GateUse::First => "nothing was released on it",
        GateUse::Again => "this very permit was released on before: a retry",
    };
    report.fact("gate_use", "its number", found);
    Ok(())
}

/// What is kept of a link and of the log, after the holder has caught up, where it is to.
fn caught_up(
    keys: &LogKeys,
    kept: &Kept<'_>,
    link: &HolderLink,
) -> Result<(KeptGates, SeenLog), Problem> {
    if kept.log.origin() != keys.origin() {
        return Err(Problem::KeptOfAnotherLog);
    }
    let mut seen = kept.log.clone();
    let of_link = kept.links.iter().find(|kept| *kept.link() == link.code);
    let mut gates = of_link
        .cloned()
        .unwrap_or_else(|| KeptGates::new(link.code.clone()));
    if let Some(bytes) = kept.catch_up {
        let caught_up = CatchUp::parse(bytes)?.verify(keys, &link.key, &gates, &seen)?;
        caught_up.move_on(&mut gates);
        caught_up.remember(&mut seen);
    }
    Ok((gates, seen))
}

/// What the holder knows of the link that is sealed in the evidence; `None` where it has given no
/// link at all.
fn link_of<'a>(
    request: &Request<'a>,
    part: &HolderPart,
) -> Result<Option<&'a HolderLink>, Problem> {
    let given = || {
        request
            .holder_keys
            .iter()
            .filter_map(|key| key.link.as_ref())
    };
    let mut of_person = given().filter(|link| link.code == part.link_code);
    match (of_person.next(), of_person.next()) {
        (None, _) if given().next().is_some() => Err(Problem::LinkNotGiven),
        // Which of the two keys is hers?
        (Some(_), Some(_)) => Err(Problem::LinkTwice),
        (link, _) => Ok(link),
    }
}

fn state(verified: &VerifiedEvidence<'_>, request: &Request<'_>) -> &'static str {
    match verified.check_time(request.now) {
        Ok(()) => "valid now",
        Err(_) if request.now < verified.time => "not yet valid by this clock",
        Err(_) => "expired",
    }
}

fn texts<T: ToString>(items: impl Iterator<Item = T>) -> Value {
    items.map(|item| json!(item.to_string())).collect()
}
