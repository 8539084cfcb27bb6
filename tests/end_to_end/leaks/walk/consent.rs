//! She agrees, is looked at, and ends it.

use akashi_client::Access;
use akashi_tests::visitor::{Page, Visitor};

use super::{ANYONE, CASE, CITY, HOSPITAL, ON_BEHALF_OF, PHARMACY, Walk};

/// What the hospital asks for, with all that people write into such statements.
pub(super) const TREATMENT: Access<'static> = Access {
    role_holder: "physician-1",
    role: "physician",
    process: "care.consult",
    purpose: "treatment",
    holder: PHARMACY,
    categories: &["medication"],
    on_behalf_of: Some(ON_BEHALF_OF),
    case: Some(CASE),
    ..Access::VIEW
};

impl Walk<'_> {
    /// Agrees; the hospital asks, gets a permit, and the pharmacy hands over on its evidence.
    /// Returns the permit.
    pub(super) async fn agrees_and_is_looked_at(&mut self, visitor: &mut Visitor<'_>) -> u64 {
        let form = visitor
            .get("/me/consents/new?recipient=hospital.chuo&holder=pharmacy.midori")
            .await;
        let until = form.is(200).between("max=\"", "\"");
        let places = [("recipient", HOSPITAL), ("holder", PHARMACY)];
        visitor.post("/me/consents/new", &places).await.is(422);
        let what = [
            ("purpose", "treatment"),
            ("category", "medication"),
            ("category", "allergy"),
            ("until", &until),
        ];
        let receipt = confirm(visitor, "/me/consents/new", &[&places[..], &what].concat()).await;
        visitor
            .get(receipt.location())
            .await
            .is(200)
            .shows("記録しました");

        let permit = self.asks(HOSPITAL, TREATMENT).await;
        assert_eq!(permit["decision"], "permit", "{permit}");
        let (index, evidence) = (
            permit["index"].as_u64().unwrap(),
            permit["evidence"].as_str().unwrap(),
        );
        for institution in [HOSPITAL, CITY] {
            let path = format!("/v1/accesses/{}", permit["id"].as_str().unwrap());
            let read = self
                .demo
                .institution(institution)
                .read(&self.demo.server, &path)
                .await;
            self.answered(
                institution,
                "GET /v1/accesses/",
                &read,
                if institution == HOSPITAL { 200 } else { 404 },
            );
        }
        self.verifies(evidence).await;
        let holder = self.demo.institution(PHARMACY);
        for (software, copy, status) in [
            (&holder, evidence, 200),
            (&holder, evidence, 200),
            (&holder, "another copy", 409),
            (&self.demo.institution(CITY), evidence, 422),
        ] {
            let shown = (copy, &self.demo.institution(HOSPITAL));
            let released = software.release(&self.demo.server, index, shown).await;
            self.answered(
                &software.entry.id.clone(),
                "POST /v1/releases",
                &released,
                status,
            );
        }
        index
    }

    /// Anybody may have evidence checked.
    pub(super) async fn verifies(&mut self, evidence: &str) {
        let server = &self.demo.server;
        let request = server
            .request("POST", "/v1/evidence/verify")
            .header("content-type", "text/plain");
        let answered = server.send(request, evidence.into()).await;
        self.answered(ANYONE, "POST /v1/evidence/verify", &answered, 200);
    }

    /// Narrows the consent and withdraws it; the next access is refused.
    pub(super) async fn ends_it(&mut self, visitor: &mut Visitor<'_>) {
        let consents = visitor.get("/me/consents").await;
        let consent = format!(
            "/me/consents/{}",
            consents.between("button--small\" href=\"/me/consents/", "\"")
        );
        let earliest = visitor.get(&consent).await.is(200).between("min=\"", "\"");
        visitor
            .post(
                &consent,
                &[("purpose", "treatment"), ("until", "2020-01-01")],
            )
            .await
            .is(422);
        let left = [
            ("purpose", "treatment"),
            ("category", "medication"),
            ("until", earliest.as_str()),
        ];
        let receipt = confirm(visitor, &consent, &left).await;
        visitor
            .get(receipt.location())
            .await
            .is(200)
            .shows("同意の範囲を減らしました");
        visitor.get(&format!("{consent}/withdraw")).await.is(200);
        let receipt = visitor.post(&format!("{consent}/withdraw"), &[]).await;
        visitor
            .get(receipt.is(303).location())
            .await
            .is(200)
            .shows("同意を取り消しました");
        visitor
            .get(&consent)
            .await
            .is(200)
            .shows("この同意は終わっています");
        visitor.get("/me/consents").await.is(200);
        assert_eq!(self.asks(HOSPITAL, TREATMENT).await["decision"], "deny");
    }
}

/// Sends a form of a consent, reads the words it leads to, and agrees to exactly those.
pub(super) async fn confirm(
    visitor: &mut Visitor<'_>,
    path: &str,
    wanted: &[(&str, &str)],
) -> Page {
    let page = visitor.post(path, wanted).await;
    let wording = page.is(200).between("name=\"wording\" value=\"", "\"");
    let receipt = visitor
        .post(path, &[wanted, &[("wording", wording.as_str())]].concat())
        .await;
    receipt.is(303);
    receipt
}
