//! She is asked, and is looked at without being asked.

use akashi_client::Access;
use akashi_proof::jws::Type;
use akashi_proof::statement::Basis;
use akashi_tests::phone::{Phone, reference_and_code};
use akashi_tests::visitor::{Page, Visitor};
use serde_json::{Value, json};

use super::consent::TREATMENT;
use super::joining::another;
use super::{CASE, CITY, EMAIL, HOSPITAL, INSURER, ON_BEHALF_OF, PHARMACY, PHONE, REASON, Walk};

/// What the alert says, by SMS and by mail.
const ALERT: &str = "認められていない";

impl Walk<'_> {
    /// The city wants a closer look three times: she allows it, refuses it, and refuses by SMS.
    pub(super) async fn is_asked(&mut self, visitor: &mut Visitor<'_>, phone: &Phone) {
        let (page, path, text) = self
            .question(visitor, phone, &["admission", "care-level"])
            .await;
        let wording = page.between("name=\"wording\" value=\"", "\"");
        let (_, code) = reference_and_code(&text);
        let answer = |answer, code| {
            vec![
                ("answer", answer),
                ("wording", wording.as_str()),
                ("code", code),
            ]
        };
        visitor
            .post(&path, &answer("approve", another(&code)))
            .await
            .is(422);
        visitor.post(&path, &answer("approve", &code)).await.is(303);
        visitor
            .get(&path)
            .await
            .is(200)
            .shows("この許可のお願いは終わっています");
        visitor.post(&path, &answer("approve", &code)).await.is(303);

        let (page, path, _) = self
            .question(visitor, phone, &["admission", "care-level"])
            .await;
        let wording = page.between("name=\"wording\" value=\"", "\"");
        visitor.get("/me/requests").await.is(200);
        visitor
            .post(&path, &[("answer", "refuse"), ("wording", &wording)])
            .await
            .is(303);
        visitor
            .get(&path)
            .await
            .is(200)
            .shows("この許可のお願いは終わっています");

        // What was refused would not ring again; other data is another question.
        let (_, path, text) = self.question(visitor, phone, &["admission"]).await;
        let known = phone.texts(&self.demo.server).await.len();
        phone.reply(&self.demo.server, "なんですか").await;
        phone
            .reply(
                &self.demo.server,
                &format!("不審 {}", reference_and_code(&text).0),
            )
            .await;
        visitor
            .get(&path)
            .await
            .is(200)
            .shows("不審な依頼として報告しました");
        phone
            .wait_for_text(&self.demo.server, known, |text| {
                text.contains("（お断りと報告）を記録しました")
            })
            .await;
        // Two answers in ten minutes are all that replies get.
        phone.reply(&self.demo.server, "はい").await;
    }

    /// Asks her; returns the page of the question once it is put, its path, and the message.
    pub(super) async fn question(
        &mut self,
        visitor: &mut Visitor<'_>,
        phone: &Phone,
        categories: &[&str],
    ) -> (Page, String, String) {
        let known = phone.texts(&self.demo.server).await.len();
        let asked = Access {
            role_holder: "welfare-1",
            role: "welfare-officer",
            process: "city.drill-down",
            purpose: "welfare-support",
            holder: HOSPITAL,
            categories,
            on_behalf_of: Some(ON_BEHALF_OF),
            case: Some(CASE),
            ..Access::VIEW
        };
        let asked = self.asks(CITY, asked).await;
        assert_eq!(asked["decision"], "ask", "{asked}");
        let text = phone
            .wait_for_text(&self.demo.server, known, |text| text.contains("受付番号"))
            .await;
        let path = format!("/me/requests/{}", asked["index"]);
        let page = visitor.get(&path).await;
        page.is(200).shows(&reference_and_code(&text).0);
        (page, path, text)
    }

    /// An emergency, and a use outside the purpose, of which she hears at once and twice.
    pub(super) async fn is_looked_at_without_being_asked(&mut self) {
        let emergency = Access {
            role_holder: "emergency-1",
            role: "emergency-physician",
            process: "care.emergency",
            purpose: "emergency-treatment",
            holder: PHARMACY,
            categories: &["medication", "allergy"],
            basis: Basis::Emergency {
                reason_code: "unconscious".into(),
                reason_text: REASON.into(),
            },
            ..Access::VIEW
        };
        assert_eq!(self.asks(HOSPITAL, emergency).await["decision"], "permit");
        let known = Phone::new(PHONE).texts(&self.demo.server).await.len();
        let outside = Access {
            role_holder: "welfare-1",
            role: "welfare-officer",
            process: "city.benefit-check",
            purpose: "treatment",
            holder: INSURER,
            categories: &["insurance-coverage"],
            basis: Basis::Statute,
            case: Some(CASE),
            ..Access::VIEW
        };
        assert_eq!(self.asks(CITY, outside).await["decision"], "deny");
        Phone::new(PHONE)
            .wait_for_text(&self.demo.server, known, |text| text.contains(ALERT))
            .await;
        self.wait_for_mail(EMAIL, |text| text.contains(ALERT).then(String::new))
            .await;
    }

    /// Another institution's code, a member that has no place there, a process that does not exist.
    pub(super) async fn is_asked_about_in_vain(&mut self) {
        let (hospital, nonce) = (self.demo.institution(HOSPITAL), [8; 16]);
        let with = |name: &str, value: Value| {
            let mut claims = hospital.claims(&TREATMENT, "/records", &nonce);
            claims[name] = value;
            hospital.sign(Type::Access, claims)
        };
        for statement in [
            with("subject", self.codes[CITY].clone().into()),
            with("basis", json!({"kind": "consent", "reason_text": REASON})),
            with("process", json!("care.gossip")),
        ] {
            let answered = hospital
                .post_access(&self.demo.server, &statement, &nonce)
                .await;
            let status = answered.status;
            assert!((400..500).contains(&status), "{}", answered.json());
            self.answered(HOSPITAL, "POST /v1/accesses", &answered, status);
        }
    }
}
