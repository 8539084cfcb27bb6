//! Who may read what: she hers, another hers, a stranger what is public.

use akashi_actors::claims;
use akashi_proof::ids::LinkCode;
use akashi_proof::jws::Type;
use akashi_proof::record::kind::LinkEnd;
use akashi_tests::institution::post;
use akashi_tests::visitor::Visitor;

use super::{ANYONE, Answer, CASE, CITY, EMAIL, HOSPITAL, INSURER, PHARMACY, PHONE, Walk};

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
            "/me/links",
            "/me/time",
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
            "/accessibility",
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
            "/log",
            "/log/",
            "/log/checkpoint",
            "/log/vkey",
            "/log/registry/1",
            "/v1/policy",
            "/v1/proofs/3",
            "/problems/not-found",
            "/static/icons.svg",
        ] {
            visitor.get(path).await.is(200);
        }
        visitor.get("/docs/").await.is(308);
        visitor.get("/me/history").await.is(303);
        visitor
            .get(&format!("/nothing/{}", &PHONE[3..]))
            .await
            .is(404);
        visitor.get("/log/tile/9/x").await;
        self.leaves(ANYONE, visitor);
        self.knocks_as_a_gateway().await;
    }

    /// Somebody posts replies and reports as if he were the gateway.
    async fn knocks_as_a_gateway(&mut self) {
        let reply = serde_json::json!({ "from": PHONE, "text": CASE });
        let report = serde_json::json!({ "id": CASE, "to": PHONE, "status": "delivered" });
        for (path, body) in [("/sms/inbound", reply), ("/sms/reports", report)] {
            let server = &self.demo.server;
            let request = server.request("POST", path);
            let request = request
                .header("content-type", "application/json")
                .header("authorization", "Bearer guessed");
            let answered = server.send(request, body.to_string().into_bytes()).await;
            self.answered(ANYONE, &format!("POST {path}"), &answered, 401);
        }
    }

    /// Which institutions have a code for her; she ends one, an institution its own, and both are
    /// told what they no longer have.
    pub(super) async fn ends_links(&mut self, visitor: &mut Visitor<'_>) {
        visitor.get("/me/links").await.is(200);
        let path = format!("/me/links/{CITY}");
        let form = visitor.get(&path).await;
        let generation = form.is(200).between("name=\"generation\" value=\"", "\"");
        let ended = visitor.post(&path, &[("generation", &generation)]).await;
        visitor.get(ended.is(303).location()).await.is(200);
        visitor.get("/me/links").await.is(200);
        let insurer = self.demo.institution(INSURER);
        let code = LinkCode::parse(&self.codes[INSURER]).unwrap();
        let stamp = insurer.stamp();
        let end = insurer.client().end_link(stamp, code, LinkEnd::NotNeeded);
        let answered = self.demo.server.carry(end.unwrap().message()).await;
        self.answered(INSURER, "POST /v1/link-ends", &answered, 200);
    }

    /// A holder catches up with the gates of its own link; another institution may not.
    pub(super) async fn gates_are_read(&mut self) {
        let path = format!("/v1/links/{}/gates?above=0", self.codes[PHARMACY]);
        let server = &self.demo.server;
        let read = self.demo.institution(PHARMACY).read(server, &path).await;
        assert_eq!(read.status, 200, "{}", read.text());
        self.answers.push(Answer {
            to: PHARMACY.into(),
            request: "GET /v1/links/gates".into(),
            bytes: read.bytes,
        });
        let refused = self.demo.institution(HOSPITAL).read(server, &path).await;
        let status = refused.status;
        assert!((400..500).contains(&status), "{}", refused.text());
        self.answered(HOSPITAL, "GET /v1/links/gates", &refused, status);
    }

    /// An institution gives somebody of its own a role.
    pub(super) async fn acts_are_carried_out(&mut self) {
        let hospital = self.demo.institution(HOSPITAL);
        let role = claims::role_assigned("nurse-77", "physician", 1);
        let statement = hospital.sign(Type::Act, role);
        let act = post(&self.demo.server, "/v1/acts", statement.into_bytes(), &[]).await;
        self.answered(HOSPITAL, "POST /v1/acts", &act, 200);
    }
}
