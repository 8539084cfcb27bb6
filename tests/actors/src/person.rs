//! A person, and what institutions know of her.

use akashi_ledger::command::Enrol;
use akashi_ledger::random::draw;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{ContactId, InstitutionId, LinkCode, Qid, SubjectHandle};
use akashi_proof::record::kind::{Assurance, Language};

/// Bytes that are others each time.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    draw(&mut bytes);
    bytes
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Her handle, which never leaves the ledger.
    pub subject: SubjectHandle,
    /// Her visible ID.
    pub qid: Qid,
    /// The institutions that know her: each one's code for her, and the key of that link.
    pub links: Vec<(InstitutionId, LinkCode, Secret)>,
}

impl Person {
    /// Somebody whom nobody knows yet.
    pub fn new() -> Self {
        let qid = random::<43>().map(|byte| char::from(b'1' + byte % 9));
        Self {
            subject: SubjectHandle::from_bytes(random()),
            qid: Qid::parse(&format!("qid:{}", String::from_iter(qid))).unwrap(),
            links: Vec::new(),
        }
    }

    /// What enrols her, reached by this contact.
    pub fn enrolment(&self, contact: ContactId) -> Enrol {
        Enrol {
            subject: self.subject,
            qid: self.qid.clone(),
            recovery_digest: Digest::of(&[b"recovery"]),
            contact,
            assurance: Assurance::Sms,
            language: Language::Ja,
        }
    }

    /// An institution's code for her.
    pub fn code(&self, institution: &InstitutionId) -> &LinkCode {
        &self.link(institution).1
    }

    /// The key of her link with an institution.
    pub fn link_key(&self, institution: &InstitutionId) -> &Secret {
        &self.link(institution).2
    }

    fn link(&self, institution: &InstitutionId) -> &(InstitutionId, LinkCode, Secret) {
        let mut newest_first = self.links.iter().rev();
        newest_first.find(|(id, ..)| id == institution).unwrap()
    }
}

impl Default for Person {
    fn default() -> Self {
        Self::new()
    }
}
