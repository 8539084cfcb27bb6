//! Two steps by SMS, the papers, an address, a code at every counter, and coming back.

use akashi_proof::history_key::HistoryKey;
use akashi_tests::phone::{Phone, six_digits};
use akashi_tests::visitor::{Papers, Visitor};
use akashi_tlog::base64;

use super::super::needles::{Kind, Needle};
use super::super::town::link;
use super::{CITY, HOSPITAL, INSURER, NEWCOMER, PHARMACY, PHONE, Walk};

impl Walk<'_> {
    /// Two mistakes, then both steps by SMS, the papers, the history key.
    pub(super) async fn joins(&mut self, visitor: &mut Visitor<'_>, phone: &Phone) -> Papers {
        self.secrets.push(Needle::phone(NEWCOMER, PHONE));
        visitor.get("/enrol").await.is(200);
        visitor
            .post("/enrol", &[("phone", "03-1234-5678")])
            .await
            .is(422);
        self.mistypes_the_code(visitor, phone, "/enrol").await;
        let papers = visitor.enrol(&phone.number).await;
        self.are_papers_of(NEWCOMER, &papers);
        for path in [
            "/me",
            "/me/keys",
            "/me/keys/history-key",
            "/me/contacts",
            "/me/requests",
            "/me?lang=ja",
        ] {
            visitor.get(path).await.is(200);
        }
        papers
    }

    /// Remembers what stands on somebody's papers.
    pub(super) fn are_papers_of(&mut self, owner: &str, papers: &Papers) {
        let qid = papers.qid.strip_prefix("qid:").unwrap();
        let key = HistoryKey::parse(&papers.history_key).unwrap().key;
        self.secrets.extend([
            Needle::text(Kind::Qid, owner, qid),
            Needle::grouped(Kind::RecoveryCode, owner, &papers.recovery),
            Needle::new(
                Kind::HistoryKey,
                owner,
                key.expose(),
                &[&papers.history_key],
            ),
        ]);
    }

    /// Has a code sent, and types another.
    pub(super) async fn mistypes_the_code(
        &self,
        visitor: &mut Visitor<'_>,
        phone: &Phone,
        path: &str,
    ) {
        let known = phone.texts(&self.demo.server).await.len();
        visitor
            .post(path, &[("phone", &phone.number)])
            .await
            .is(303);
        let typed = another(&phone.code(&self.demo.server, known).await);
        let path = format!("{path}/code");
        visitor.get(&path).await.is(200);
        visitor.post(&path, &[("code", typed)]).await.is(422);
    }

    pub(super) async fn adds_an_address(
        &mut self,
        visitor: &mut Visitor<'_>,
        owner: &str,
        address: &str,
    ) {
        self.secrets.push(Needle::text(Kind::Email, owner, address));
        visitor.get("/me/contacts").await.is(200);
        visitor
            .post("/me/contacts", &[("email", "no address")])
            .await
            .is(422);
        visitor
            .post("/me/contacts", &[("email", address)])
            .await
            .is(303);
        visitor.get("/me/contacts/code").await.is(200);
        let code = self.wait_for_mail(address, six_digits).await;
        visitor
            .post("/me/contacts/code", &[("code", another(&code))])
            .await
            .is(422);
        let receipt = visitor.post("/me/contacts/code", &[("code", &code)]).await;
        visitor.get(receipt.is(303).location()).await.is(200);
        visitor.get("/me/contacts").await.is(200);
    }

    /// Every institution she has to do with gets to know her.
    pub(super) async fn becomes_known(&mut self, visitor: &mut Visitor<'_>, papers: &Papers) {
        for institution in [HOSPITAL, PHARMACY, CITY, INSURER] {
            let code = self
                .is_linked(visitor, NEWCOMER, institution, &papers.qid)
                .await;
            self.codes.insert(institution, code);
        }
    }

    /// She reads a code out at a counter, and the officer once mistypes it; what the institution
    /// calls her.
    pub(super) async fn is_linked(
        &mut self,
        visitor: &mut Visitor<'_>,
        owner: &'static str,
        institution: &'static str,
        qid: &str,
    ) -> String {
        visitor.get("/me/counter-code").await.is(200);
        let page = visitor.post("/me/counter-code", &[]).await;
        let code = page
            .is(200)
            .between("figure-number\">", "<")
            .replace(' ', "");
        self.secrets
            .push(Needle::grouped(Kind::CounterCode, owner, &code));
        let link_key = akashi_ledger::random::draw_secret();
        let link_key_text = base64::url::encode(link_key.expose());
        self.secrets
            .push(Needle::link_key(institution, owner, &link_key_text));
        let software = self.demo.institution(institution);
        let refused = software
            .link(&self.demo.server, qid, another(&code), &link_key)
            .await;
        self.answered(institution, "POST /v1/link-codes", &refused, 422);
        let issued = software
            .link(&self.demo.server, qid, &code, &link_key)
            .await;
        let issued = self.answered(institution, "POST /v1/link-codes", &issued, 200);
        let issued = issued["link_code"].as_str().unwrap();
        self.secrets.push(link(institution, issued));
        self.known.push((owner, institution, issued.to_owned()));
        issued.to_owned()
    }

    /// Signs in again: a wrong code, what the phone alone opens, a wrong recovery code, the right
    /// one.
    pub(super) async fn comes_back(
        &mut self,
        visitor: &mut Visitor<'_>,
        phone: &Phone,
        papers: &Papers,
    ) {
        visitor.get("/sign-in").await.is(200);
        visitor.post("/sign-in", &[("phone", "12")]).await.is(422);
        self.mistypes_the_code(visitor, phone, "/sign-in").await;
        visitor.sign_in(&phone.number).await.is(303);
        for path in ["/me", "/me/requests"] {
            visitor.get(path).await.is(200);
        }
        visitor.get("/me/history").await.is(303);
        visitor.step_up("0000-0000-0000-0000-0000").await.is(422);
        visitor
            .post("/step-up", &[("recovery", &papers.recovery[..9])])
            .await
            .is(422);
        visitor
            .step_up(&papers.recovery.to_lowercase())
            .await
            .is(303);
    }
}

/// Six digits that are not this code.
pub(super) fn another(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}
