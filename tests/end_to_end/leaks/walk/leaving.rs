//! Somebody replaces what is hers and ends it, by every way there is: all consents at once, a
//! contact, her papers, a lost phone, a number that somebody else has now, her account.

use akashi_actors::until;
use akashi_tests::phone::{Phone, six_digits};
use akashi_tests::visitor::{Papers, Visitor};

use super::super::needles::{Kind, Needle};
use super::consent::confirm;
use super::joining::another;
use super::{CITY, HOSPITAL, PHARMACY, Walk};

/// Whose the answers and secrets of the person who leaves are.
pub const LEAVER: &str = "leaver";
/// Who enrols with the number she has left.
const SUCCESSOR: &str = "successor";

pub(super) const PHONE: &str = "+819055507021";
pub(super) const NEW_PHONE: &str = "+819055507048";
pub(super) const EMAIL: &str = "leaver.sumi@mail.example";
pub(super) const NEW_EMAIL: &str = "sumi.elsewhere@mail.example";

/// A recovery code that is nobody's.
const NOBODYS: &str = "K4TW-9QMX-2HRP-7VNC-3FJ8";

impl<'d> Walk<'d> {
    /// All of it, in the order in which it can be done by one person.
    pub(super) async fn somebody_leaves(&mut self) {
        let mut visitor = Visitor::new(&self.demo.server);
        self.secrets.push(Needle::phone(LEAVER, PHONE));
        let old = visitor.enrol(PHONE).await;
        self.are_papers_of(LEAVER, &old);
        self.adds_an_address(&mut visitor, LEAVER, EMAIL).await;
        self.is_linked(&mut visitor, LEAVER, CITY, &old.qid).await;
        self.stops_everything(&mut visitor).await;
        self.replaces_contacts(&mut visitor).await;
        let papers = self.replaces_papers(&mut visitor, &old).await;
        self.is_linked(&mut visitor, LEAVER, HOSPITAL, &papers.qid)
            .await;
        self.loses_the_phone(&mut visitor, &papers).await;
        self.leaves(LEAVER, visitor);

        let mut successor = Visitor::new(&self.demo.server);
        let others = successor.enrol(PHONE).await;
        self.are_papers_of(SUCCESSOR, &others);
        for path in ["/me", "/me/requests", "/me/contacts", "/me/contacts/keep"] {
            successor.get(path).await.is(200);
        }
        self.leaves(SUCCESSOR, successor);

        let mut visitor = self.comes_back_by_mail(&papers).await;
        self.ends_a_contact(&mut visitor).await;
        self.reads_everything(&mut visitor).await;
        closes_the_account(&mut visitor).await;
        self.reads_everything_of_a_past(&mut visitor).await;
        self.leaves(LEAVER, visitor);
    }

    async fn stops_everything(&self, visitor: &mut Visitor<'_>) {
        visitor.get("/me/stop").await.is(200);
        visitor.post("/me/stop", &[]).await.is(303);
        let form = visitor
            .get("/me/consents/new?recipient=hospital.chuo&holder=pharmacy.midori")
            .await;
        let until = form.is(200).between("max=\"", "\"");
        let wanted = [
            ("recipient", HOSPITAL),
            ("holder", PHARMACY),
            ("purpose", "treatment"),
            ("category", "medication"),
            ("until", until.as_str()),
        ];
        confirm(visitor, "/me/consents/new", &wanted).await;
        visitor.get("/me/stop").await.is(200).shows("1件");
        sends(visitor, "/me/stop", &[]).await;
        visitor.get("/me/consents").await.is(200);
    }

    /// Another number, which she stops again, and another address, which she does not.
    async fn replaces_contacts(&mut self, visitor: &mut Visitor<'_>) {
        self.secrets.push(Needle::phone(LEAVER, NEW_PHONE));
        self.secrets
            .push(Needle::text(Kind::Email, LEAVER, NEW_EMAIL));
        for (at, new) in [NEW_PHONE, NEW_EMAIL].into_iter().enumerate() {
            let contact = contacts_of(visitor).await.swap_remove(at);
            let path = format!("/me/contacts/replace?contact={contact}");
            visitor.get(&path).await.is(200);
            let typed = |address| [("contact", contact.as_str()), ("address", address)];
            let path = "/me/contacts/replace";
            visitor.post(path, &typed("neither")).await.is(422);
            let page = visitor.post(path, &typed(new)).await;
            visitor.get(page.is(303).location()).await.is(200);
            let code = if new == NEW_PHONE {
                Phone::new(new).code(&self.demo.server, 0).await
            } else {
                self.wait_for_mail(new, six_digits).await
            };
            let typed = |code| [("contact", contact.as_str()), ("code", code)];
            let path = "/me/contacts/replace/code";
            let wrong = visitor.post(path, &typed(another(&code))).await;
            wrong.is(422);
            sends(visitor, path, &typed(&code)).await;
            visitor.get("/me/contacts").await.is(200);
            let page = visitor.get("/me/contacts/keep").await;
            let instead_of = page.is(200).between("name=\"contact\" value=\"", "\"");
            if new == NEW_PHONE {
                let kept = [("contact", instead_of.as_str())];
                let page = visitor.post("/me/contacts/keep", &kept).await;
                visitor.get(page.is(303).location()).await.is(200);
            }
        }
    }

    /// Another visible ID and another recovery code.
    async fn replaces_papers(&mut self, visitor: &mut Visitor<'_>, old: &Papers) -> Papers {
        visitor.get("/me/papers").await.is(200);
        for wrong in ["x", NOBODYS] {
            let page = visitor.post("/me/papers", &[("recovery", wrong)]).await;
            page.is(422);
        }
        let right = [("recovery", old.recovery.as_str())];
        let page = visitor.post("/me/papers", &right).await;
        let paper = visitor.get(page.is(303).location()).await;
        let papers = Papers {
            qid: paper.between("id=\"qid-text\">", "<"),
            recovery: paper.between("id=\"recovery-code\">", "<"),
            history_key: old.history_key.clone(),
            paper,
        };
        assert!(papers.qid != old.qid && papers.recovery != old.recovery);
        self.are_papers_of(LEAVER, &papers);
        let kept = visitor.post("/enrol/done", &[("kept", "yes")]).await;
        visitor.get(kept.is(303).location()).await;
        visitor.get("/me/keys").await.is(200);
        papers
    }

    /// With the paper alone somebody blocks her phone; she unblocks it, and blocks it herself.
    async fn loses_the_phone(&mut self, visitor: &mut Visitor<'_>, papers: &Papers) {
        let mut by_paper = Visitor::new(&self.demo.server);
        by_paper.get("/block").await.is(200);
        for (phone, recovery) in [
            ("x", papers.recovery.as_str()),
            (PHONE, "x"),
            (PHONE, NOBODYS),
        ] {
            let typed = [("phone", phone), ("recovery", recovery)];
            by_paper.post("/block", &typed).await.is(422);
        }
        let typed = [("phone", PHONE), ("recovery", &papers.recovery)];
        let page = by_paper.post("/block", &typed).await;
        by_paper.get(page.is(303).location()).await.is(200);
        self.leaves(LEAVER, by_paper);
        for is_by_paper in [true, false] {
            if !is_by_paper {
                visitor.get("/me/block").await.is(200);
                let page = visitor.post("/me/block", &[]).await;
                assert_eq!(page.is(303).location(), "/blocked");
                visitor.get("/blocked").await.is(200);
            }
            visitor.get("/me").await.is(303);
            visitor.step_up(&papers.recovery).await.is(303);
            visitor.get("/me/unblock").await.is(200);
            sends(visitor, "/me/unblock", &[]).await;
        }
        visitor.get("/me/unblock").await.is(200);
    }

    /// The number is somebody else's: she comes by mail and recovery code together.
    async fn comes_back_by_mail(&mut self, papers: &Papers) -> Visitor<'d> {
        let mut visitor = Visitor::new(&self.demo.server);
        visitor.get("/sign-in/mail").await.is(200);
        let none = [("email", "no address")];
        visitor.post("/sign-in/mail", &none).await.is(422);
        for is_hers in [false, true] {
            let known = self.mails_to(EMAIL).await.len();
            visitor.get("/sign-in/mail").await.is(200);
            let page = visitor.post("/sign-in/mail", &[("email", EMAIL)]).await;
            visitor.get(page.is(303).location()).await.is(200);
            let code = until("a code comes by mail", async || {
                let mails = self.mails_to(EMAIL).await;
                mails.iter().skip(known).find_map(|text| six_digits(text))
            })
            .await;
            let typed = |code, recovery| [("code", code), ("recovery", recovery)];
            let path = "/sign-in/mail/code";
            if is_hers {
                for mistake in [
                    typed(another(&code), papers.recovery.as_str()),
                    typed(&code, "x"),
                ] {
                    visitor.post(path, &mistake).await.is(422);
                }
                let both = typed(&code, papers.recovery.as_str());
                let page = visitor.post(path, &both).await;
                visitor.get(page.is(303).location()).await.is(200);
            } else {
                visitor.post(path, &typed(&code, NOBODYS)).await.is(422);
            }
        }
        visitor
    }

    /// She says that she shares the number, and then that it is hers no more: which nothing ends
    /// that was added a moment ago.
    async fn ends_a_contact(&self, visitor: &mut Visitor<'_>) {
        let phone = contacts_of(visitor).await.swap_remove(0);
        let contact = [("contact", phone.as_str())];
        sends(visitor, "/me/contacts/confirm", &contact).await;
        visitor
            .get(&format!("/me/contacts/end?contact={phone}"))
            .await
            .is(200);
        visitor.post("/me/contacts/end", &contact).await.is(409);
        visitor.get("/me/contacts").await.is(200);
    }
}

/// Suspends it, resumes it, and closes it, once without saying that she is sure.
async fn closes_the_account(visitor: &mut Visitor<'_>) {
    let path = "/me/account";
    visitor.get(path).await.is(200);
    visitor.post(path, &[("to", "x")]).await.is(409);
    for to in ["suspended", "open"] {
        sends(visitor, path, &[("to", to)]).await;
        visitor.get(path).await.is(200);
    }
    visitor.post(path, &[("to", "closed")]).await.is(422);
    sends(visitor, path, &[("to", "closed"), ("sure", "yes")]).await;
    visitor.get(path).await.is(200);
}

/// The identifiers of her contacts, as her page has them: the phone, then the address.
async fn contacts_of(visitor: &mut Visitor<'_>) -> Vec<String> {
    let page = visitor.get("/me/contacts").await;
    let parts = page.is(200).text.split("/me/contacts/end?contact=").skip(1);
    parts
        .map(|part| part.split('"').next().unwrap().to_owned())
        .collect()
}

/// Sends a form that ends in a record, and reads the receipt.
async fn sends(visitor: &mut Visitor<'_>, path: &str, fields: &[(&str, &str)]) {
    let page = visitor.post(path, fields).await;
    let receipt = page.is(303).location();
    assert!(receipt.starts_with("/me/history/"), "{page:?}");
    visitor.get(receipt).await.is(200);
}
