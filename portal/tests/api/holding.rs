//! A holder that does what the client library does, over the routes it uses: permits in any order,
//! beside those that nobody presents, and after its own state of yesterday was put back.

use std::path::{Path, PathBuf};

use akashi_actors::named;
use akashi_client::{GateFolder, Holder, Institution, NotPermitted, Query, Stamp, TakenOnce};
use akashi_proof::clock::Clock;
use akashi_proof::digest::Secret;
use akashi_proof::evidence::{Evidence, EvidenceError, evidence_digest};
use akashi_proof::gate::{CatchUp, GateRefused, GateUse};
use akashi_proof::ids::{InstitutionId, LinkCode};
use akashi_proof::jws::Type;
use akashi_proof::statement::{Presentation, RequestNonce};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::answers::log_keys;
use crate::foundation::role_assigned;
use crate::town::Town;

const INSURER: &str = "insurer.hinata";
/// Permits of one requester that may wait.
const MOST: usize = 16;
/// Seconds after which a permit is over.
const LIFE: u64 = 600;
const QUERY: Query<'static> = Query::get("/coverage");
/// What the town's statements are sent with.
const NONCE: RequestNonce = RequestNonce::from_bytes([2; 16]);

/// A requester, and its code for the person.
struct City {
    id: String,
    link: String,
}

/// What one requester was given.
struct Given {
    index: u64,
    to: String,
    text: String,
    evidence: Evidence,
}

/// The insurer, with what its program keeps.
struct Insurer {
    town: Town,
    holder: Holder,
    link: LinkCode,
    link_key: Secret,
    folder: PathBuf,
}

impl Insurer {
    async fn new(folder: &Path) -> Self {
        let town = Town::new().await;
        town.certify(INSURER).await;
        let evidence_key = town.evidence_key(INSURER);
        town.register_evidence_key(INSURER, &evidence_key, 1).await;
        town.pass_seconds(1);
        let link = LinkCode::parse(&town.link(INSURER).await).unwrap();
        let log = log_keys(&town).await;
        let folder = folder.join("kept");
        Self {
            link_key: town.link_key(),
            holder: Holder {
                id: InstitutionId::parse(INSURER).unwrap(),
                gates: GateFolder::create(&folder, log.origin().clone()).unwrap(),
                log,
                evidence_key,
                presented: TakenOnce::default(),
            },
            town,
            link,
            folder,
        }
    }

    async fn city(&self, id: &str) -> City {
        self.town.certify(id).await;
        let role = role_assigned("of-09", "welfare-officer");
        self.town.act(id, role, &[]).await;
        self.town.pass_seconds(1);
        City {
            id: id.to_owned(),
            link: self.town.link(id).await,
        }
    }

    async fn permit(&self, city: &City) -> Given {
        let claims = json!({
            "subject": city.link, "role_holder": "of-09", "role": "welfare-officer",
            "process": "city.benefit-check", "purpose": "benefit-eligibility", "holder": INSURER,
            "categories": ["insurance-coverage"], "basis": { "kind": "statute" },
            "request_digest": QUERY.digest(&NONCE).to_base64url(),
        });
        let statement = self.town.sign(&city.id, Type::Access, claims);
        let answer = self.town.access(&statement).await.json();
        assert_eq!(answer["decision"], "permit", "{answer}");
        let text = answer["evidence"].as_str().unwrap().to_owned();
        Given {
            index: answer["index"].as_u64().unwrap(),
            to: city.id.clone(),
            evidence: Evidence::parse(text.as_bytes()).unwrap(),
            text,
        }
    }

    fn admit(&self, given: &Given) -> Result<GateUse, GateRefused> {
        let now = self.town.clock.wall();
        let known = |code: &LinkCode| (*code == self.link).then(|| self.link_key.clone());
        let presented = self.presented(given);
        let presented = Presentation::parse(presented.as_bytes()).unwrap();
        let shown = (&QUERY, &presented);
        match self.holder.admit(&given.evidence, shown, now, known) {
            Ok(permit) => Ok(permit.gate_use),
            Err(NotPermitted::Evidence(EvidenceError::NotReleasable(refused))) => Err(refused),
            Err(other) => panic!("{other}"),
        }
    }

    /// What its requester shows with a try of its own.
    fn presented(&self, given: &Given) -> String {
        let by = Institution::new(named(&given.to), self.town.app.origin().clone());
        let stamp = Stamp::draw(self.town.clock.wall()).unwrap();
        by.present(stamp, self.holder.id.clone(), &given.text)
    }

    /// Admits, and reports the release before anything leaves.
    async fn release(&self, given: &Given) {
        assert_eq!(self.admit(given), Ok(GateUse::First));
        assert_eq!(self.report(given).await["released"], true);
    }

    async fn report(&self, given: &Given) -> Value {
        let digest = evidence_digest(&given.text).to_base64url();
        let presented = self.presented(given);
        let claims = json!({
            "index": given.index, "evidence_digest": digest, "presented": presented,
        });
        let report = self.town.sign(INSURER, Type::Release, claims);
        self.town.post("/v1/releases", report, &[]).await.json()
    }

    /// Asks the ledger for gates until there are no more to move on over.
    async fn catch_up(&self) {
        loop {
            let (above, seen) = self.holder.gates.stands_at(&self.link).unwrap();
            let above_text = above.map_or("0".to_owned(), |m| m.to_string());
            let (code, from) = (self.link.as_str(), seen.head().size);
            let path = format!("/v1/links/{code}/gates?above={above_text}&from={from}");
            let claims = json!({ "htm": "GET", "htu": path });
            let token = self.town.sign(INSURER, Type::Request, claims);
            let request = Request::get(path).header("authorization", format!("Bearer {token}"));
            let answer = self.town.call(request.body(Body::empty()).unwrap()).await;
            let gates = CatchUp::parse(&answer.body).unwrap();
            let reached = self.holder.catch_up(&self.link, &self.link_key, &gates);
            if reached.unwrap() == above {
                return;
            }
        }
    }
}

#[tokio::test]
async fn permits_nobody_presents_block_no_other_requester() {
    let folder = tempfile::tempdir().unwrap();
    let insurer = Insurer::new(folder.path()).await;
    let (hostile, honest) = (
        insurer.city("city.first").await,
        insurer.city("city.second").await,
    );
    for done in 0..65 {
        if done > 0 && done % MOST == 0 {
            insurer.town.pass_seconds(LIFE + 1);
        }
        insurer.permit(&hostile).await;
    }
    let given = insurer.permit(&honest).await;
    assert!(matches!(
        insurer.admit(&given),
        Err(GateRefused::TooFar { .. })
    ));
    insurer.catch_up().await;
    insurer.release(&given).await;
    assert_eq!(insurer.admit(&given), Ok(GateUse::Again), "a retry");
}

#[tokio::test]
async fn two_hundred_cycles_of_others_leave_a_slow_one_its_permit() {
    let folder = tempfile::tempdir().unwrap();
    let insurer = Insurer::new(folder.path()).await;
    let slow = insurer.city("city.slow").await;
    let first = insurer.permit(&slow).await;
    let second = insurer.permit(&slow).await;
    for quick in ["city.a", "city.b", "city.c", "city.d"] {
        let quick = insurer.city(quick).await;
        for _ in 0..50 {
            let given = insurer.permit(&quick).await;
            insurer.release(&given).await;
        }
    }
    // The later one first.
    for given in [second, first] {
        assert_eq!(insurer.admit(&given), Ok(GateUse::First));
        let released = insurer.report(&given).await;
        assert_eq!(released["released"], true);
        // Spent once, by one record: reported anew, it is that one.
        assert_eq!(insurer.admit(&given), Ok(GateUse::Again));
        assert_eq!(insurer.report(&given).await, released);
    }
}

#[tokio::test]
async fn a_holder_put_back_as_it_was_yesterday_releases_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut insurer = Insurer::new(folder.path()).await;
    let city = insurer.city("city.first").await;
    let known = insurer.permit(&city).await;
    insurer.release(&known).await;
    let yesterday = files(&insurer.folder);

    let mut lost = Vec::new();
    for _ in 0..3 {
        let given = insurer.permit(&city).await;
        insurer.release(&given).await;
        lost.push(given);
    }
    let waiting = insurer.permit(&city).await;

    // Its machine dies; the copy of yesterday is put back, and the holder says so.
    let origin = insurer.holder.log.origin().clone();
    let elsewhere = folder.path().join("elsewhere");
    insurer.holder.gates = GateFolder::create(&elsewhere, origin.clone()).unwrap();
    std::fs::remove_dir_all(&insurer.folder).unwrap();
    std::fs::create_dir(&insurer.folder).unwrap();
    for (name, bytes) in yesterday {
        std::fs::write(insurer.folder.join(name), bytes).unwrap();
    }
    insurer.holder.gates = GateFolder::open(&insurer.folder, &origin).unwrap();
    insurer.holder.gates.restored().unwrap();

    lost.push(waiting);
    for given in &lost {
        assert_eq!(insurer.admit(given), Err(GateRefused::NotCaughtUp));
    }
    insurer.catch_up().await;
    // What may have been released on is asked for again; what is known to have been is a retry.
    for given in &lost {
        let refused = insurer.admit(given);
        let before = matches!(refused, Err(GateRefused::BeforeRestoring { .. }));
        assert!(before, "{refused:?}");
    }
    let right = insurer.permit(&city).await;
    insurer.release(&right).await;
    assert_eq!(insurer.admit(&right), Ok(GateUse::Again));
    // Also a program that is started anew finds what was kept.
    insurer.holder.gates =
        GateFolder::create(&folder.path().join("third"), origin.clone()).unwrap();
    insurer.holder.gates = GateFolder::open(&insurer.folder, &origin).unwrap();
    assert_eq!(insurer.admit(&right), Ok(GateUse::Again));
    assert!(insurer.admit(&lost[0]).is_err());
}

fn files(folder: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
        .collect()
}
