//! Evidence: the proof inside it, the fields it opens, and for a holder the sealed part and the gate.

use akashi_proof::entry::Entry;
use akashi_proof::evidence::{Evidence, EvidenceError, HolderPart, VerifiedEvidence};
use akashi_proof::key::evidence_kid;
use akashi_proof::record::commitment::{DisclosureError, commitment, field_hash};
use serde_json::{Value, json};

use super::{HolderKey, Problem, Report, Request};
use crate::report;

pub(super) fn check(request: &Request<'_>, report: &mut Report) -> Result<(), Problem> {
    let evidence = Evidence::parse(request.bytes)?;
    let verified = evidence.verify(request.keys, &[]).map_err(|error| renamed_or(&evidence, error))?;
    let (_, inclusion) = evidence.proof().verify_extra(request.keys, &[])?;

    report.meaning = Some("The log holds this permit: the requester may see these data of one person at the holder.");
    report.fact("file", "file", "akashi-evidence");
    report.fact("requester", "who may see", verified.requester.as_str());
    report.fact("role", "in the role", verified.role.as_str());
    report.fact("categories", "which data", texts(verified.categories.iter()));
    report.fact("holder", "held by", verified.holder.as_str());
    report.fact("purpose", "what for", verified.purpose.as_str());
    report.fact("process", "in the process", verified.process.as_str());
    report.fact("basis_kind", "on the ground of", verified.basis_kind.as_str());
    report.fact("duties", "duties", texts(verified.duties.iter()));
    report.fact("time", "decided", report::time(verified.time.as_millis()));
    report.fact("expires", "holds until", report::time(verified.expires.as_millis()));
    report.fact("state", "state", state(&verified, request));
    report.fact("request_digest", "for the request", verified.request_digest.to_base64url());
    report.fact("policy_digest", "under the policy", verified.policy_digest.to_base64url());
    if let Some(consent) = &verified.consent {
        report.fact("consent", "by the consent", format!("at entry {}", consent.index));
        report.fact("consent_time", "given or narrowed", report::time(consent.time.as_millis()));
        report.fact("consent_until", "stands until", report::time(consent.valid_until.as_millis()));
        report.fact("consent_assurance", "known by", consent.assurance.as_str());
    }
    report.place(verified.index, inclusion.checkpoint());
    report.fact("sealed_for", "sealed for key", evidence.sealed_for().as_str());

    if let Err(error) = verified.check_time(request.now) {
        if request.release {
            return Err(error.into());
        }
        report.notes.push(format!(
            "This evidence is {}. It still proves that there was a permit; no data may be released on it.",
            state(&verified, request)
        ));
    }
    match open(request, &evidence, &verified)? {
        Some(part) => check_holder_part(request, report, &verified, &part),
        None if request.release => Err(Problem::NotForThisHolder { named: evidence.sealed_for().to_string() }),
        None => {
            let note = "The sealed part (the holder's code for the person, gate number, nonce) was not checked: that takes \
                        the holder's keys (--holder-key).";
            report.notes.push(note.to_owned());
            Ok(())
        }
    }
}

/// Where the record's kind is unknown nothing can be said of it - unless the fields are not even those the entry
/// commits to, which needs no knowledge of kinds.
fn renamed_or(evidence: &Evidence, error: EvidenceError) -> EvidenceError {
    if !matches!(error, EvidenceError::Fields(DisclosureError::Record(_))) {
        return error;
    }
    let fields = evidence.disclosure();
    let opened = fields.opened.iter().map(|(at, one)| (*at, field_hash(&one.salt, &one.name, &one.value)));
    let closed = fields.closed.iter().map(|(at, hash)| (*at, *hash));
    let mut hashes: Vec<_> = opened.chain(closed).collect();
    hashes.sort_by_key(|(at, _)| *at);
    let hashes: Vec<_> = hashes.into_iter().map(|(_, hash)| hash).collect();
    let entry = evidence.proof().extra().and_then(|bytes| Entry::parse(bytes).ok());
    if entry.is_some_and(|entry| entry.commitment == commitment(&hashes)) { error } else { EvidenceError::Commitment }
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
            Ok(_) => return Err(Problem::OtherEvidenceKey { named: named.to_string(), found: found.to_string() }),
            Err(error) if found == *named => return Err(error.into()),
            Err(_) => problem = Some(Problem::NotForThisHolder { named: named.to_string() }),
        }
    }
    problem.map_or(Ok(None), Err)
}

/// The gate is that of the link whose key is given, under a number the holder has not used.
fn check_holder_part(
    request: &Request<'_>,
    report: &mut Report,
    verified: &VerifiedEvidence<'_>,
    part: &HolderPart,
) -> Result<(), Problem> {
    report.fact("link_code", "person", part.link_code.as_str());
    report.fact("gate_number", "gate number", part.gate_number);
    let links = request.holder_keys.iter().filter_map(|key| Some((key.link_key.as_ref()?, key.highest)));
    let mut known = 0;
    for (link_key, highest) in links {
        known += 1;
        if verified.check_gate_bytes(part.gate_number, link_key).is_err() {
            continue;
        }
        match highest {
            Some(highest) => verified.check_gate(part, link_key, highest)?,
            None if request.release => verified.check_gate(part, link_key, 0)?,
            None => {
                report.notes.push("The gate number was not compared with those used: `highest` was not given.".into())
            }
        }
        report.fact("gate", "gate", "is this link's");
        return Ok(());
    }
    match known {
        0 if request.release => Err(Problem::GateNotChecked),
        0 => {
            report.notes.push("The gate was not checked: that takes the key of the link (`link_key`).".into());
            Ok(())
        }
        _ => Err(Problem::Gate { number: part.gate_number }),
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
