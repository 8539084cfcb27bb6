//! Telling the past: each step of [`crate::town::plan`] as one command, under a clock that is set
//! to the step's time.
//!
//! A step leaves exactly one commit, at a time no other step has. What a killed start has done is
//! therefore every step not later than the last record; all keys, identifiers and statements follow
//! from the seed, so the next step is the same bytes whoever takes it.

use std::sync::Arc;

use akashi_client::{Access, Institution, Query, Request, Signatory, Stamp};
use akashi_desk::access::answer::answer;
use akashi_desk::consent::give::agreed;
use akashi_desk::consent::narrow::narrowed;
use akashi_desk::identity::RecoveryCode;
use akashi_desk::words::names::Names;
use akashi_ledger::command::{
    AccessReceipt, Answer, AnswerApproval, Enrol, ExpireApproval, GiveConsent, RaiseAlert,
    RecordDelivery, ReleaseReceipt, VerifyContact, WithdrawConsent,
};
use akashi_ledger::{Command, Ledger, Refusal, StoredRecord};
use akashi_notifier::{Address, Contact, Contacts, Email, Phone};
use akashi_policies::Shelf;
use akashi_proof::clock::Clock;
use akashi_proof::consent::Terms;
use akashi_proof::decision::Policies;
use akashi_proof::digest::{Digest, Secret};
use akashi_proof::ids::{
    CategoryCode, InstitutionId, LeafIndex, LinkCode, PurposeCode, RoleCode, RoleHolderId,
    SubjectHandle, Timestamp,
};
use akashi_proof::key::{evidence_key_digest, evidence_kid};
use akashi_proof::record::kind::{
    About, AnsweredBy, Assurance, Channel, KeyUse, Language, NoticeDelivery, Outcome,
    ReleaseReason, Template,
};
use akashi_proof::record::value::Set;
use akashi_proof::statement::{Act, Basis, Presentation, RequestNonce};
use akashi_tlog::checkpoint::Origin;

use crate::DemoError;
use crate::town::clock::SeedClock;
use crate::town::deed::{Agreement, Ask, Count, Deed, Ground, Reply, Step};
use crate::town::places::{self, Citizen, ORIGIN, SUPERVISORS, Supervisor};
use crate::town::plan;
use crate::town::seed::Seed;
use crate::town::statements;

/// How surely a citizen is known who agrees to something, or ends it.
const PERSON: Assurance = Assurance::SmsAndRecovery;

/// What the past is told with.
pub struct Seeding<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The pack in force.
    pub shelf: &'a Arc<Shelf>,
    /// Phone numbers and addresses.
    pub contacts: &'a Contacts,
    /// What everything is drawn from.
    pub seed: &'a Seed,
    /// The clock the ledger runs on.
    pub clock: &'a SeedClock,
}

/// The signer of an institution or supervisor of the town.
///
/// # Errors
/// [`DemoError::Town`] for an identifier the town does not have.
pub fn signatory(seed: &Seed, id: &str) -> Result<Signatory, DemoError> {
    let institution = InstitutionId::parse(id).map_err(|_| DemoError::Town("an identifier"))?;
    Ok(Signatory::new(institution, &seed.secret("sign", id)))
}

/// An institution or supervisor of the town, as it uses the town's ledger.
///
/// # Errors
/// [`DemoError::Town`] for an identifier the town does not have.
pub fn institution_of(seed: &Seed, id: &str) -> Result<Institution, DemoError> {
    Ok(Institution::new(signatory(seed, id)?, origin()?))
}

/// The origin of the town's log.
///
/// # Errors
/// [`DemoError::Town`].
pub fn origin() -> Result<Origin, DemoError> {
    Origin::new(ORIGIN).map_err(|_| DemoError::Town("an origin"))
}

/// A citizen's recovery code.
pub fn recovery_code(seed: &Seed, key: &str) -> RecoveryCode {
    let mut drawn = seed.bytes("recovery", key).into_iter();
    RecoveryCode::from_bytes(std::array::from_fn(|_| drawn.next().unwrap_or_default()))
}

/// What names the link between a citizen and an institution.
pub fn link_label(citizen: &str, institution: &str) -> String {
    format!("link {citizen} {institution}")
}

/// An institution's code for a person, if it has one.
pub fn link_code(
    ledger: &Ledger,
    subject: SubjectHandle,
    institution: &InstitutionId,
) -> Option<LinkCode> {
    let person = ledger.reader().person(&subject)?;
    ledger.reader().link_code(&person, institution).ok()?
}

impl Seeding<'_> {
    /// Takes the steps that were not taken yet. Returns how many those were.
    ///
    /// # Errors
    /// [`DemoError::Step`] with the step that could not be told, and whether the pack stands
    /// against it.
    pub async fn tell_the_past(&self) -> Result<usize, DemoError> {
        let told = last_record_time(self.ledger)?;
        let steps = plan::steps(self.seed.made());
        let ahead: Vec<&Step> = steps.iter().filter(|step| step.at > told).collect();
        for (number, step) in ahead.iter().enumerate() {
            self.clock.advance_to(step.at);
            let taken = self.take(&step.deed).await.map_err(|error| match error {
                DemoError::Refused(Refusal::Fault(fault)) => {
                    otherwise("accepted", fault.to_string())
                }
                other => other,
            });
            taken.map_err(|error| error.in_step(steps.len() - ahead.len() + number, &step.deed))?;
        }
        Ok(ahead.len())
    }

    /// Asks the question that is open when the town starts, once. The clock must be the machine's
    /// by now.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn ask_the_open_question(&self) -> Result<(), DemoError> {
        if self.find(plan::OPEN_QUESTION).is_err() {
            self.access(plan::OPEN_QUESTION).await?;
        }
        Ok(())
    }

    async fn take(&self, deed: &Deed) -> Result<(), DemoError> {
        match *deed {
            Deed::Certify(institution) => self.certify(institution).await,
            Deed::HandOverEvidenceKey(institution) => {
                self.hand_over_evidence_key(institution).await
            }
            Deed::AssignRole(institution, id, role) => {
                self.assign_role(institution, id, role).await
            }
            Deed::Enrol(citizen) => self.enrol(citizen).await,
            Deed::VerifyEmail(citizen) => self.verify_email(citizen).await,
            Deed::Link(citizen, institution) => self.link(citizen, institution).await,
            Deed::Consent(citizen, agreements) => self.consent(citizen, agreements).await,
            Deed::Narrow(citizen, left) => self.narrow(citizen, left).await,
            Deed::Withdraw(citizen, label) => self.withdraw(citizen, label).await,
            Deed::Access(ask) => self.as_told(self.access(ask).await?, ask.outcome),
            Deed::AnswerApproval(ask, reply) => self.answer_approval(ask, reply).await,
            Deed::ExpireApproval(ask) => {
                let (subject, access) = (self.seed.subject(ask.citizen), self.find(ask)?);
                self.submit(ExpireApproval { subject, access }).await
            }
            Deed::Alert(ask, rule) => {
                let (subject, access) = (self.seed.subject(ask.citizen), self.decided(ask)?);
                self.submit(RaiseAlert {
                    subject,
                    access,
                    rule,
                    count: 1,
                })
                .await
            }
            Deed::Notice(ask, template) => self.notice(ask, template).await,
            Deed::Release(ask, label) => self.release(ask, label).await,
            Deed::Statistics(count) => self.as_told(self.statistics(count).await?, count.outcome),
        }
    }

    async fn submit<C: Command>(&self, command: C) -> Result<(), DemoError> {
        self.ledger.submit(command).await?;
        Ok(())
    }

    /// What codes and institutions are called where a citizen reads them.
    fn names(&self, citizen: &Citizen) -> Names {
        let registry = self.ledger.reader().registry();
        Names::new(language(citizen), self.shelf, registry)
    }

    fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    /// When a statement is signed, and its identifier: the label tells it from the others of its
    /// signer.
    fn stamp(&self, by: &Institution, label: &str) -> Stamp {
        Stamp {
            now: self.now(),
            jti: self.seed.jti(&format!("{} {label}", by.id())),
        }
    }

    async fn act(
        &self,
        by: &str,
        label: &str,
        act: Act,
        evidence_key: Option<Secret>,
    ) -> Result<(), DemoError> {
        let by = institution_of(self.seed, by)?;
        let request = by.act(self.stamp(&by, label), act, evidence_key.as_ref())?;
        statements::carry_out(self.ledger, &request, evidence_key).await?;
        Ok(())
    }

    async fn certify(&self, institution: &places::Institution) -> Result<(), DemoError> {
        let signer = signatory(self.seed, institution.id)?;
        let act = Act::CertifyInstitution {
            institution: signer.id().clone(),
            particulars: institution.texts.particulars()?,
            sector: institution.sector.to_owned(),
            kid: signer.kid().clone(),
            public_key: Digest::from_bytes(*signer.public().as_bytes()),
        };
        let label = format!("certify {}", institution.id);
        let sign = |supervisor: &Supervisor| -> Result<String, DemoError> {
            let supervisor = institution_of(self.seed, supervisor.id)?;
            Ok(supervisor.act_statement(self.stamp(&supervisor, &label), act.clone())?)
        };
        let signed = SUPERVISORS
            .iter()
            .map(sign)
            .collect::<Result<Vec<_>, _>>()?;
        statements::carry_out(self.ledger, &Request::act(&signed, None, None), None).await?;
        Ok(())
    }

    async fn hand_over_evidence_key(
        &self,
        institution: &places::Institution,
    ) -> Result<(), DemoError> {
        let key = self.seed.secret("evidence", institution.id);
        let act = Act::RegisterKey {
            kid: evidence_kid(&key),
            key_use: KeyUse::Evidence,
            public_key: evidence_key_digest(&key),
            valid_from: self.now(),
            valid_until: None,
        };
        self.act(institution.id, "evidence key", act, Some(key))
            .await
    }

    async fn assign_role(
        &self,
        institution: &places::Institution,
        id: &str,
        role: &str,
    ) -> Result<(), DemoError> {
        let act = Act::AssignRole {
            role_holder: RoleHolderId::parse(id).map_err(|_| DemoError::Town("a role-holder"))?,
            role: RoleCode::parse(role).map_err(|_| DemoError::Town("a role"))?,
            valid_from: self.now(),
            valid_until: None,
        };
        let label = format!("role {id} {role}");
        self.act(institution.id, &label, act, None).await
    }

    async fn enrol(&self, citizen: &Citizen) -> Result<(), DemoError> {
        let subject = self.seed.subject(citizen.key);
        let contact = self.seed.contact(&format!("phone {}", citizen.key));
        let phone = Phone::parse(citizen.phone).map_err(|_| DemoError::Town("a phone number"))?;
        self.keep(&Contact {
            id: contact,
            subject,
            address: Address::Phone(phone),
        })?;
        let recovery_digest = recovery_code(self.seed, citizen.key).digest();
        self.submit(Enrol {
            subject,
            qid: self.seed.qid(citizen.key),
            recovery_digest,
            contact,
            assurance: Assurance::Sms,
            language: language(citizen),
        })
        .await
    }

    async fn verify_email(&self, citizen: &Citizen) -> Result<(), DemoError> {
        let Some(email) = citizen.email else {
            return Ok(());
        };
        let subject = self.seed.subject(citizen.key);
        let contact = self.seed.contact(&format!("email {}", citizen.key));
        let email = Email::parse(email).map_err(|_| DemoError::Town("an address"))?;
        self.keep(&Contact {
            id: contact,
            subject,
            address: Address::Email(email),
        })?;
        let assurance = Assurance::SmsAndRecovery;
        self.submit(VerifyContact {
            subject,
            contact,
            channel: Channel::Email,
            assurance,
        })
        .await
    }

    /// Keeps a contact; one that a killed start has kept already stays.
    fn keep(&self, contact: &Contact) -> Result<(), DemoError> {
        if self.contacts.find(&contact.id).is_none() {
            self.contacts
                .add(contact)
                .map_err(|error| DemoError::Contacts(error.to_string()))?;
        }
        Ok(())
    }

    async fn link(&self, citizen: &Citizen, institution: &str) -> Result<(), DemoError> {
        let label = link_label(citizen.key, institution);
        let link_key = self.seed.secret("link", &label);
        let institution = institution_of(self.seed, institution)?;
        let (stamp, qid) = (self.stamp(&institution, &label), self.seed.qid(citizen.key));
        let request = institution.link(stamp, qid, statements::COUNTER_CODE, &link_key)?;
        statements::issue_link(self.ledger, &request, link_key).await?;
        Ok(())
    }

    async fn consent(
        &self,
        citizen: &Citizen,
        agreements: &'static [Agreement],
    ) -> Result<(), DemoError> {
        let first = agreements.first().map_or("", |agreement| agreement.label);
        let (group, names) = (self.seed.group(first), self.names(citizen));
        let consents = agreements.iter().map(|agreement| {
            let (purposes, categories) = codes(agreement)?;
            let terms = Terms::to_view(
                (
                    institution_id(agreement.recipient)?,
                    institution_id(agreement.holder)?,
                ),
                categories,
                purposes,
                (self.now(), end_of_day(self.now(), agreement.days)),
            );
            let ids = (self.seed.consent(agreement.label), group);
            let origin = self.ledger.reader().origin();
            Ok(agreed(&names, ids, terms, PERSON, origin))
        });
        let consents = consents.collect::<Result<_, DemoError>>()?;
        self.submit(GiveConsent {
            subject: self.seed.subject(citizen.key),
            consents,
            policies: Arc::clone(self.shelf) as Arc<dyn Policies>,
        })
        .await
    }

    async fn narrow(&self, citizen: &Citizen, left: &'static Agreement) -> Result<(), DemoError> {
        let (purposes, categories) = codes(left)?;
        let (subject, consent) = (
            self.seed.subject(citizen.key),
            self.seed.consent(left.label),
        );
        let person = self.ledger.reader().person(&subject);
        let stands = person
            .iter()
            .flat_map(|person| &person.consents)
            .find(|stands| stands.id == consent)
            .ok_or(DemoError::Town("a consent"))?;
        let terms = Terms {
            categories,
            purposes,
            valid_until: end_of_day(self.now(), left.days),
            ..stands.terms.clone()
        };
        let names = self.names(citizen);
        self.submit(narrowed(&names, subject, consent, terms, PERSON))
            .await
    }

    async fn withdraw(&self, citizen: &Citizen, label: &str) -> Result<(), DemoError> {
        let (subject, consent) = (self.seed.subject(citizen.key), self.seed.consent(label));
        let (assurance, language) = (PERSON, language(citizen));
        self.submit(WithdrawConsent {
            subject,
            consent,
            assurance,
            language,
        })
        .await
    }

    async fn access(&self, ask: &Ask) -> Result<AccessReceipt, DemoError> {
        let (institution, role_holder, role) = ask.asker;
        let signer = institution_of(self.seed, institution)?;
        let code = link_code(self.ledger, self.seed.subject(ask.citizen), signer.id());
        let nonce = self.seed.nonce(ask.label);
        let basis = match ask.ground {
            Ground::Consent => Basis::Consent,
            Ground::Statute => Basis::Statute,
            Ground::Emergency(code, text) => Basis::Emergency {
                reason_code: code.to_owned(),
                reason_text: text.to_owned(),
            },
        };
        let asked = Access {
            subject: code.as_ref().map(LinkCode::as_str),
            role_holder,
            role,
            process: ask.process,
            purpose: ask.purpose,
            holder: ask.holder,
            categories: ask.categories,
            basis,
            ..Access::VIEW
        };
        self.decide(&signer, ask.label, &asked, nonce).await
    }

    async fn statistics(&self, count: &Count) -> Result<AccessReceipt, DemoError> {
        let (institution, role_holder, role) = count.asker;
        let nonce = self.seed.nonce(count.label);
        let cohort_digest = Digest::of(&[b"akashi/demo/cohort", count.label.as_bytes()]);
        let asked = Access {
            role_holder,
            role,
            process: count.process,
            purpose: count.purpose,
            holder: count.holder,
            categories: count.categories,
            basis: Basis::Statistics {
                cohort_size: count.cohort,
                cohort_digest,
            },
            ..Access::VIEW
        };
        let signer = institution_of(self.seed, institution)?;
        self.decide(&signer, count.label, &asked, nonce).await
    }

    async fn decide(
        &self,
        signer: &Institution,
        label: &str,
        asked: &Access<'_>,
        nonce: RequestNonce,
    ) -> Result<AccessReceipt, DemoError> {
        let path = statements::query_path(asked.categories);
        let stamp = self.stamp(signer, label);
        let request = signer.access(stamp, asked, &Query::get(&path), &nonce)?;
        Ok(statements::decide(self.ledger, self.shelf, &request, nonce).await?)
    }

    /// Compares what became of a statement with what the past tells of it.
    fn as_told(&self, receipt: AccessReceipt, expected: Outcome) -> Result<(), DemoError> {
        match receipt {
            AccessReceipt::Decided { index } => self.compare(index, expected),
            AccessReceipt::Refused { fault, .. } => {
                Err(otherwise(expected.as_str(), fault.to_string()))
            }
        }
    }

    /// Compares the decision at this log index with what the past tells of it.
    fn compare(&self, index: LeafIndex, expected: Outcome) -> Result<(), DemoError> {
        let stored = self.ledger.reader().record(index)?;
        let stored = stored.ok_or(DemoError::Town("a decision"))?.open()?;
        let (found, step, reasons) = match stored.record.event.about() {
            About::Decision(e) => (e.outcome, e.step, &e.reasons),
            About::Statistics(e) => (e.outcome, e.step, &e.reasons),
            About::Access(_)
            | About::Ended(_)
            | About::Consent(_)
            | About::ConsentOf(_)
            | About::Institution(_)
            | About::Message(_)
            | About::Itself => return Err(DemoError::Town("a decision")),
        };
        if found == expected {
            return Ok(());
        }
        let step = step.map_or_else(String::new, |step| format!(" at step {step}"));
        Err(otherwise(
            expected.as_str(),
            format!("`{found}`{step}, {}", reasons.codes().join(", ")),
        ))
    }

    /// Log index of the first decision on an access.
    fn find(&self, ask: &Ask) -> Result<LeafIndex, DemoError> {
        let institution = institution_id(ask.asker.0)?;
        let jti = self.seed.jti(&format!("{institution} {}", ask.label));
        self.ledger
            .reader()
            .find_statement(&institution, &jti)?
            .ok_or(DemoError::Town("an access asked before"))
    }

    /// Log index of the decision that stands: after an approval the one that followed it.
    fn decided(&self, ask: &Ask) -> Result<LeafIndex, DemoError> {
        let first = self.find(ask)?;
        let reader = self.ledger.reader();
        let after = match reader.find_closed(first)? {
            Some(closed) => reader.decision_after(closed)?,
            None => None,
        };
        Ok(after.map_or(first, |decision| decision.index))
    }

    /// The evidence the requester got.
    fn evidence(&self, access: LeafIndex) -> Result<String, DemoError> {
        let reader = self.ledger.reader();
        let stored = reader.record(access)?.ok_or(DemoError::Town("a permit"))?;
        let proof = reader.first_proof(access, stored.entry())?;
        let answer = answer(reader, &stored.open()?, None, proof)?;
        answer
            .evidence
            .ok_or(DemoError::Town("evidence of a permit"))
    }

    async fn answer_approval(&self, ask: &Ask, reply: Reply) -> Result<(), DemoError> {
        let (subject, access) = (self.seed.subject(ask.citizen), self.find(ask)?);
        let person = self.ledger.reader().person(&subject);
        let digest = person.and_then(|person| person.ask(access).map(|ask| ask.approval_digest));
        let (answered_by, assurance) = match reply {
            Reply::Approve => (AnsweredBy::Portal, Assurance::SmsAndRecovery),
            Reply::ApproveBySms | Reply::RefuseBySms => (AnsweredBy::Reply, Assurance::Sms),
        };
        let decision = self.ledger.submit(AnswerApproval {
            subject,
            access,
            approval_digest: digest.ok_or(DemoError::Town("an open question"))?,
            answer: if reply == Reply::RefuseBySms {
                Answer::Refuse
            } else {
                Answer::Approve
            },
            answered_by,
            wording_digest: Digest::of(&[b"akashi/demo/wording", ask.label.as_bytes()]),
            language: plan::citizen(ask.citizen).map_or(Language::Ja, language),
            assurance,
            policies: Arc::clone(self.shelf) as Arc<dyn Policies>,
        });
        // An approval is followed by a new decision; a refusal by none.
        decision
            .await?
            .receipt
            .map_or(Ok(()), |decision| self.compare(decision, Outcome::Permit))
    }

    async fn notice(&self, ask: &Ask, template: Template) -> Result<(), DemoError> {
        let delivery = NoticeDelivery {
            notice: self.seed.notice(&format!("{} {template}", ask.label)),
            about: Some(self.find(ask)?),
            template,
            channel: Channel::Sms,
            contact: self.seed.contact(&format!("phone {}", ask.citizen)),
            text_digest: Digest::of(&[b"akashi/demo/notice", ask.label.as_bytes()]),
            attempts: 1,
        };
        self.submit(RecordDelivery {
            subject: self.seed.subject(ask.citizen),
            delivery,
            sent: true,
        })
        .await
    }

    async fn release(&self, ask: &Ask, label: &str) -> Result<(), DemoError> {
        let holder = institution_of(self.seed, ask.holder)?;
        let access = self.decided(ask)?;
        let stamp = self.stamp(&holder, &format!("release {} {label}", ask.label));
        let mut evidence = self.evidence(access)?;
        if label != "1" {
            // Something else in its place: the same, signed anew, would be the first release again.
            evidence.insert_str(0, label);
        }
        let requester = institution_of(self.seed, ask.asker.0)?;
        let shown = self.stamp(&requester, &format!("present {} {label}", ask.label));
        let presented = requester.present(shown, holder.id().clone(), &evidence);
        let presented = Presentation::parse(presented.as_bytes())?;
        let request = holder.release(stamp, access, &evidence, presented)?;
        match statements::release(self.ledger, &request).await? {
            ReleaseReceipt::Released { .. } => Ok(()),
            // Reported once more: the past tells of that, too.
            ReleaseReceipt::Spent { reasons, .. }
                if reasons == [ReleaseReason::Spent, ReleaseReason::OtherEvidence] =>
            {
                Ok(())
            }
            ReleaseReceipt::Spent { reasons, .. } => {
                let reasons: Vec<_> = reasons.into_iter().map(ReleaseReason::as_str).collect();
                Err(otherwise("released", reasons.join(", ")))
            }
            ReleaseReceipt::Refused { fault, .. } => Err(otherwise("released", fault.to_string())),
        }
    }
}

fn otherwise(expected: &'static str, found: String) -> DemoError {
    DemoError::DecidedOtherwise { expected, found }
}

/// The time of the last record.
///
/// # Errors
/// [`DemoError::Ledger`].
pub fn last_record_time(ledger: &Ledger) -> Result<Timestamp, DemoError> {
    let reader = ledger.reader();
    let last = reader.head().head.size.last_index();
    let last = last.map(|last| reader.record(last)).transpose()?;
    Ok(last
        .flatten()
        .and_then(StoredRecord::if_open)
        .map(|stored| stored.record.time)
        .unwrap_or_default())
}

fn language(citizen: &Citizen) -> Language {
    if citizen.english {
        Language::En
    } else {
        Language::Ja
    }
}

fn institution_id(id: &str) -> Result<InstitutionId, DemoError> {
    InstitutionId::parse(id).map_err(|_| DemoError::Town("an identifier"))
}

fn codes(agreement: &Agreement) -> Result<(Set<PurposeCode>, Set<CategoryCode>), DemoError> {
    let purpose =
        PurposeCode::parse(agreement.purpose).map_err(|_| DemoError::Town("a purpose"))?;
    let categories = agreement
        .categories
        .iter()
        .map(|code| CategoryCode::parse(code));
    let categories = categories
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| DemoError::Town("a category"))?;
    Ok((Set::new([purpose]), Set::new(categories)))
}

/// The end of the day, in Japan, so many days from now.
fn end_of_day(now: Timestamp, days: u64) -> Timestamp {
    const DAY: u64 = 86_400_000;
    const JAPAN: u64 = 9 * 3_600_000;
    Timestamp::from_millis(((now.as_millis() + JAPAN) / DAY + days + 1) * DAY - JAPAN)
}
