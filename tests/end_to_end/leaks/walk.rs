//! The main job, through the doors everybody uses: a person joins, becomes known to institutions,
//! agrees and ends it, is asked, is looked at in an emergency and outside the purpose, reads all of
//! it, and makes mistakes on her way; another replaces and ends all that is hers. Every answer is
//! kept with whom it was for, and every secret that came up.

mod consent;
mod joining;
mod leaving;
mod questions;
mod reading;

use std::collections::BTreeMap;

use akashi_actors::until;
use akashi_client::Access;
use akashi_tests::phone::{Phone, six_digits};
use akashi_tests::server::Answered;
use akashi_tests::visitor::Visitor;
use serde_json::Value;

use self::leaving::LEAVER;
use super::needles::{Kind, Needle};
use crate::Demo;

/// Whose the answers and secrets of the person who joins are.
pub const NEWCOMER: &str = "newcomer";
/// To whom pages are that need no sign-in.
const ANYONE: &str = "anyone";

const PHONE: &str = "+819055507001";
const EMAIL: &str = "newcomer.kana@mail.example";
const CASE: &str = "case 7f21: Kana's file on the second shelf";
const ON_BEHALF_OF: &str = "ambulance crew twelve of Hinata";
const REASON: &str = "collapsed at the bakery beside the station";

const CITY: &str = "city.hinata";
const HOSPITAL: &str = "hospital.chuo";
const PHARMACY: &str = "pharmacy.midori";
const INSURER: &str = "insurer.hinata";

/// An answer, and whom it was for.
pub struct Answer {
    pub to: String,
    /// Method and path without the query; `SMS` and `mail` for messages.
    pub request: String,
    pub bytes: Vec<u8>,
}

/// Everything that was answered, and every secret that came up.
pub struct Walk<'d> {
    demo: &'d Demo,
    pub answers: Vec<Answer>,
    pub secrets: Vec<Needle>,
    /// What institutions call her.
    codes: BTreeMap<&'static str, String>,
    /// Who became known to which institution, and by what code.
    pub known: Vec<(&'static str, &'static str, String)>,
}

impl<'d> Walk<'d> {
    /// Walks all of it.
    pub async fn through(demo: &'d Demo) -> Self {
        let mut walk = Self {
            demo,
            answers: Vec::new(),
            secrets: Vec::new(),
            codes: BTreeMap::new(),
            known: Vec::new(),
        };
        for text in [CASE, ON_BEHALF_OF, REASON] {
            walk.secrets
                .push(Needle::text(Kind::FreeText, NEWCOMER, text));
        }
        let phone = Phone::new(PHONE);
        let mut visitor = Visitor::new(&demo.server);
        let papers = walk.joins(&mut visitor, &phone).await;
        walk.adds_an_address(&mut visitor, NEWCOMER, EMAIL).await;
        walk.becomes_known(&mut visitor, &papers).await;
        visitor.post("/sign-out", &[]).await.is(303);
        walk.comes_back(&mut visitor, &phone, &papers).await;
        let permit = walk.agrees_and_is_looked_at(&mut visitor).await;
        walk.ends_it(&mut visitor).await;
        walk.is_asked(&mut visitor, &phone).await;
        walk.is_looked_at_without_being_asked().await;
        walk.is_asked_about_in_vain().await;
        walk.gates_are_read().await;
        walk.acts_are_carried_out().await;
        walk.reads_everything(&mut visitor).await;
        walk.ends_links(&mut visitor).await;
        walk.another_person_tries(permit).await;
        walk.makes_mistakes(&mut visitor).await;
        visitor.post("/sign-out", &[]).await.is(303);
        walk.leaves(NEWCOMER, visitor);
        walk.somebody_leaves().await;
        walk.a_seeded_citizen_reads_hers().await;
        walk.a_stranger_looks_around().await;
        walk.messages().await;
        walk
    }

    /// Takes over what a visitor was answered, and what stood for her.
    fn leaves(&mut self, owner: &str, visitor: Visitor<'_>) {
        for page in visitor.pages {
            let mut bytes = page.text.into_bytes();
            // A cookie is set where it is meant to be; it may not stand anywhere else.
            for (name, value) in page
                .headers
                .iter()
                .filter(|(name, _)| *name != "set-cookie")
            {
                bytes.extend([b"\n", name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
            }
            let request = page.request.split('?').next().unwrap().to_owned();
            self.answers.push(Answer {
                to: owner.to_owned(),
                request,
                bytes,
            });
        }
        let secret = |kind, texts: Vec<String>| {
            texts
                .into_iter()
                .map(move |text| Needle::bytes(kind, owner, &text))
        };
        self.secrets.extend(secret(
            Kind::Session,
            visitor.sessions.into_iter().collect(),
        ));
        self.secrets.extend(secret(
            Kind::FormToken,
            visitor.tokens.into_iter().collect(),
        ));
    }

    fn answered(&mut self, to: &str, request: &str, answered: &Answered, status: u16) -> Value {
        let said = String::from_utf8_lossy(&answered.bytes);
        assert_eq!(answered.status, status, "{request} by {to}: {said}");
        self.answers.push(Answer {
            to: to.to_owned(),
            request: request.to_owned(),
            bytes: answered.bytes.clone(),
        });
        serde_json::from_slice(&answered.bytes).unwrap()
    }

    /// An access to her data by one of its institutions.
    async fn asks(&mut self, institution: &str, asked: Access<'_>) -> Value {
        let asked = Access {
            subject: Some(&self.codes[institution]),
            ..asked
        };
        let answered = self
            .demo
            .institution(institution)
            .ask(&self.demo.server, &asked, "/records?of=her")
            .await;
        self.answered(institution, "POST /v1/accesses", &answered, 200)
    }

    /// Waits for a mail to this address in which something is found.
    async fn wait_for_mail(&self, address: &str, find: impl Fn(&str) -> Option<String>) -> String {
        until("the mail comes", async || {
            let mails = self.mails().await.into_iter().rev();
            let mut newest_first = mails.filter(|(to, _)| to == address);
            newest_first.find_map(|(_, text)| find(&text))
        })
        .await
    }

    /// The texts of the mails to this address, oldest first.
    async fn mails_to(&self, address: &str) -> Vec<String> {
        let mails = self.mails().await.into_iter();
        let hers = mails.filter(|(to, _)| to == address);
        hers.map(|(_, text)| text).collect()
    }

    /// Recipient and text of every mail.
    async fn mails(&self) -> Vec<(String, String)> {
        let mails: Value = self.demo.server.get("/demo/mail/messages").await.json();
        let text = |mail: &Value, name: &str| mail[name].as_str().unwrap().to_owned();
        let mail = |mail: &Value| {
            (
                mail["to"][0].as_str().unwrap().to_owned(),
                text(mail, "subject") + "\n" + &text(mail, "text"),
            )
        };
        mails.as_array().unwrap().iter().map(mail).collect()
    }

    /// Everything on every phone and in every mailbox, and the codes in it.
    async fn messages(&mut self) {
        let mut phones: Vec<_> = [
            (NEWCOMER, PHONE, EMAIL),
            (LEAVER, leaving::PHONE, leaving::EMAIL),
            (LEAVER, leaving::NEW_PHONE, leaving::NEW_EMAIL),
        ]
        .map(|(owner, phone, email)| (owner.into(), Phone::new(phone), Some(email.into())))
        .into();
        for citizen in &self.demo.description.citizens {
            phones.push((
                citizen.key.clone(),
                Phone::new(&citizen.phone),
                citizen.email.clone(),
            ));
        }
        let mails = self.mails().await;
        for (owner, phone, email) in phones {
            let texts = phone
                .texts(&self.demo.server)
                .await
                .into_iter()
                .map(|text| ("SMS", text));
            let hers = mails.iter().filter(|(to, _)| Some(to) == email.as_ref());
            for (request, text) in texts.chain(hers.map(|(_, text)| ("mail", text.clone()))) {
                self.secrets.extend(
                    six_digits(&text).map(|code| Needle::grouped(Kind::SentCode, &owner, &code)),
                );
                self.answers.push(Answer {
                    to: owner.clone(),
                    request: request.into(),
                    bytes: text.into_bytes(),
                });
            }
        }
    }
}
