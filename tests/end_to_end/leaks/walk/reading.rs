//! Who may read what: she hers, another hers, a stranger what is public.

use akashi_tests::visitor::Visitor;

use super::{ANYONE, EMAIL, PHONE, Walk};

impl<'d> Walk<'d> {
    /// Her history, filtered in several ways; each of her records, its receipt, its proof.
    pub(super) async fn reads_everything(&mut self, visitor: &mut Visitor<'_>) {
        let history = visitor.get("/me/history").await;
        history.is(200).shows("欠けなくそろっています");
        for query in [
            "show=permit",
            "show=deny",
            "institution=city.hinata",
            "purpose=treatment&from=2020-01-01",
            "to=2020-01-01",
            "process=care.consult",
            "lang=en",
            "lang=ja",
        ] {
            visitor.get(&format!("/me/history?{query}")).await.is(200);
        }
        let mut indexes: Vec<String> = Vec::new();
        for part in history.text.split("href=\"/me/history/").skip(1) {
            indexes.extend(
                part.split(['"', '/'])
                    .next()
                    .filter(|text| text.parse::<u64>().is_ok())
                    .map(str::to_owned),
            );
        }
        assert!(indexes.len() > 15, "{indexes:?}");
        for index in indexes {
            let record = format!("/me/history/{index}");
            visitor.get(&record).await.is(200);
            visitor.get(&format!("{record}/receipt")).await.is(200);
            visitor
                .get(&format!("{record}/proof"))
                .await
                .is(200)
                .shows("c2sp.org/tlog-proof@v1\n");
        }
        visitor
            .get("/me/history/file")
            .await
            .is(200)
            .shows("akashi-history/v1\n");
        for path in [
            "/me",
            "/me/contacts",
            "/me/keys",
            "/me/keys/history-key",
            "/me/counter-code",
            "/me/consents",
        ] {
            visitor.get(path).await.is(200);
        }
    }

    /// A seeded citizen looks for what is not hers.
    pub(super) async fn another_person_tries(&mut self, index: u64) {
        let mut visitor = self.signed_in("emma").await;
        for path in ["", "/receipt", "/proof"] {
            visitor
                .get(&format!("/me/history/{index}{path}"))
                .await
                .is(404);
        }
        visitor.get(&format!("/me/requests/{index}")).await.is(404);
        self.leaves("emma", visitor);
    }

    pub(super) async fn signed_in(&self, citizen: &str) -> Visitor<'d> {
        let citizen = self.demo.citizen(citizen);
        let mut visitor = Visitor::new(&self.demo.server);
        visitor.sign_in(&citizen.phone.number).await.is(303);
        visitor.step_up(&citizen.entry.recovery_code).await.is(303);
        visitor
    }

    /// Forged forms, pages that are not there, a method that is none.
    pub(super) async fn makes_mistakes(&mut self, visitor: &mut Visitor<'_>) {
        visitor.get("/me/contacts").await.is(200);
        let token = visitor.token.clone();
        let forged = [("email", EMAIL), ("csrf", "AAAA")];
        visitor
            .post_exactly(
                "/me/contacts",
                &forged,
                &[("sec-fetch-site", "same-origin")],
            )
            .await
            .is(403);
        visitor
            .post_exactly(
                "/me/contacts",
                &[("email", EMAIL), ("csrf", &token)],
                &[("sec-fetch-site", "cross-site")],
            )
            .await
            .is(403);
        visitor.get("/me/history/7").await.is(404);
        visitor.get("/me/nothing-here?lang=en").await.is(404);
        visitor
            .post("/me/history", &[("phone", PHONE)])
            .await
            .is(405);
        visitor.get("/me?lang=ja").await.is(200);
    }

    /// A citizen with a past reads it: what is in it was made before this server began to listen.
    pub(super) async fn a_seeded_citizen_reads_hers(&mut self) {
        for citizen in ["haruka", "daichi"] {
            let mut visitor = self.signed_in(citizen).await;
            self.reads_everything_of_a_past(&mut visitor).await;
            visitor.post("/sign-out", &[]).await.is(303);
            self.leaves(citizen, visitor);
        }
    }

    pub(super) async fn reads_everything_of_a_past(&self, visitor: &mut Visitor<'_>) {
        let history = visitor.get("/me/history").await;
        for part in history.text.split("href=\"/me/history/").skip(1) {
            let index = part.split('"').next().unwrap();
            visitor.get(&format!("/me/history/{index}")).await.is(200);
        }
        for path in [
            "/me",
            "/me/contacts",
            "/me/keys",
            "/me/consents",
            "/me/requests",
        ] {
            visitor.get(path).await.is(200);
        }
    }

    /// Somebody who is not signed in: public pages, public files, and doors that stay shut.
    pub(super) async fn a_stranger_looks_around(&mut self) {
        let mut visitor = Visitor::new(&self.demo.server);
        for path in [
            "/",
            "/?lang=en",
            "/help",
            "/audit",
            "/institutions",
            "/institutions/hospital.chuo",
            "/supervisors/supervisor.audit-board",
            "/docs",
            "/v1/openapi.json",
            "/metrics",
            "/readyz",
            "/healthz",
            "/sign-in",
            "/enrol",
            "/log/checkpoint",
            "/log/vkey",
            "/v1/proofs/3",
        ] {
            visitor.get(path).await.is(200);
        }
        visitor.get("/me/history").await.is(303);
        visitor
            .get(&format!("/nothing/{}", &PHONE[3..]))
            .await
            .is(404);
        visitor.get("/log/tile/9/x").await;
        self.leaves(ANYONE, visitor);
    }
}
