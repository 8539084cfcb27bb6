//! A ledger of its own behind a proxy it trusts: two hospitals, one of them hostile, a hostile city
//! office, a pharmacy; and ten people with links at all of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use akashi_actors::{Access, Actor, Browser, Papers, Query, claims, free_port, random, until};
use akashi_client::{Message, Recorded, Request, draw};
use akashi_policies::Pack;
use akashi_proof::digest::Secret;
use akashi_proof::ids::Qid;
use akashi_proof::jws::{Jws, Type};
use akashi_proof::statement::RequestNonce;
use akashi_tests::operator::Operator;
use akashi_tests::server::{Server, binary};
use serde_json::Value;

use crate::behind::Behind;

/// The honest hospital, and the holder it asks.
pub const HONEST: &str = "hospital.minato";
pub const HOLDER: &str = "pharmacy.midori";
/// The hostile institution is a town with a hospital and an office: two keys, whatever one of them
/// alone may not do.
pub const HOSTILE: &str = "hospital.chuo";
pub const OFFICE: &str = "city.hinata";
/// One that is suspended: it may still end what is its own.
pub const SUSPENDED: &str = "pharmacy.kage";
/// One that learns a code for everybody and ends it, again and again.
const ENDS: &str = "pharmacy.umi";

pub const PEOPLE: usize = 10;
/// How the numbers begin that nobody has.
pub const NOBODY: &str = "+81902";
/// Places taken, door by door.
const PLACES: &str = "akashi_door_under_way{";

pub struct Town {
    operator: Operator,
    /// Where its figures are, whatever is restarted.
    metrics: String,
    pub server: Server,
    pub honest: Actor,
    pub holder: Actor,
    pub hostile: Actor,
    pub office: Actor,
    pub suspended: Actor,
    pub ends: Actor,
    pub people: Vec<Person>,
    /// What the honest hospital said once, as others may have it.
    pub said: Option<Message>,
}

/// A person, and what institutions call her.
pub struct Person {
    pub address: String,
    /// Who is on duty for her at the honest hospital.
    pub on_duty: String,
    pub phone: String,
    pub papers: Papers,
    pub of_honest: String,
    pub of_hostile: String,
    pub of_office: String,
    pub of_suspended: String,
}

impl Town {
    pub async fn found(folder: &Path) -> Self {
        let operator = Operator::new(folder);
        let pack = operator.path("pack");
        fs::create_dir(&pack).unwrap();
        for (name, text) in Pack::town_files() {
            fs::write(pack.join(name), text).unwrap();
        }
        // Another address of this machine: the port may be the server's own.
        let metrics = format!("127.0.0.2:{}", free_port());
        let settings =
            format!("trusted_proxies = [\"127.0.0.1\"]\nmetrics_listen = \"{metrics}\"\n");
        operator.configure_server(&["pack"], &settings);
        operator.does(&["init"]);
        let metrics = format!("http://{metrics}/metrics");
        let server = serve(&operator, &metrics).await;
        // At the honest hospital everybody declares little; the hostile one has one who does all.
        let on_duty: Vec<String> = (0..PEOPLE).map(on_duty).collect();
        let on_duty = on_duty
            .iter()
            .map(|who| (who.as_str(), "emergency-physician"));
        let honest: Vec<_> = on_duty.chain([("dr-2", "physician")]).collect();
        let hostile = [("dr-1", "physician"), ("em-1", "emergency-physician")];
        let mut town = Self {
            honest: join(&operator, &server, HONEST, &honest).await,
            holder: join(&operator, &server, HOLDER, &[("ph-1", "pharmacist")]).await,
            hostile: join(&operator, &server, HOSTILE, &hostile).await,
            office: join(&operator, &server, OFFICE, &[("of-1", "welfare-officer")]).await,
            suspended: join(&operator, &server, SUSPENDED, &[("ph-1", "pharmacist")]).await,
            ends: join(&operator, &server, ENDS, &[]).await,
            people: Vec::new(),
            said: None,
            operator,
            metrics,
            server,
        };
        town.hand_over_evidence_key().await;
        for number in 0..PEOPLE {
            let person = town.enrol(number).await;
            town.people.push(person);
        }
        town.said = Some(town.looks_once().await);
        let suspended = claims::suspended(town.suspended.id());
        let suspended = town.operator.cast.by_supervisors(&suspended);
        let act = Request::<Recorded>::act(&suspended.each_ref().map(text), None, None);
        done(&town.server, &act).await;
        town
    }

    /// Starts the server again on what is there, whatever has become of it.
    pub async fn start_again(&mut self) {
        self.server.end();
        self.server = serve(&self.operator, &self.metrics).await;
    }

    /// The honest hospital asks about somebody who has not agreed: one record, for good.
    async fn looks_once(&self) -> Message {
        let nonce = RequestNonce::from_bytes(draw().unwrap());
        let (asked, query) = (look(&self.people[0]), Query::get("/medication"));
        let honest = &self.honest;
        let request = honest.client.access(honest.stamp(), &asked, &query, &nonce);
        let message = request.unwrap().message().clone();
        assert_eq!(self.server.carry(&message).await.status, 200);
        message
    }

    async fn hand_over_evidence_key(&self) {
        let key = self.holder.evidence_key();
        let act = self
            .holder
            .sign(Type::Act, claims::evidence_key_registered(&key, 1));
        let request = Request::<Recorded>::act(&[text(&act)], Some(&key), None);
        done(&self.server, &request).await;
    }

    async fn enrol(&self, number: usize) -> Person {
        let behind = Behind {
            server: &self.server,
            address: format!("203.0.{number}.1"),
        };
        let phone = format!("+8190111122{number:02}");
        let mut browser = Browser::new(&behind);
        let papers = browser.enrol(&phone).await;
        let mut codes = Vec::new();
        for institution in [
            &self.honest,
            &self.hostile,
            &self.office,
            &self.suspended,
            &self.holder,
        ] {
            codes.push(link(&behind, institution, &mut browser, &papers.qid).await);
        }
        let [of_honest, of_hostile, of_office, of_suspended, _] = codes.try_into().unwrap();
        Person {
            address: behind.address.clone(),
            on_duty: on_duty(number),
            phone,
            papers,
            of_honest,
            of_hostile,
            of_office,
            of_suspended,
        }
    }

    /// Waits until everybody was told and nobody holds a place any more; how many entries there
    /// are then.
    pub async fn calm(&self) -> u64 {
        until("all places are given back", async || {
            let figures = self.server.figures().await;
            let doors = figures.lines().filter(|line| line.starts_with(PLACES));
            // A connection may stay open when what came over it is done.
            let mut held = doors.filter(|line| !line.contains("connections"));
            held.all(|line| line.ends_with(" 0")).then_some(())
        })
        .await;
        self.server.settled().await
    }

    /// How many codes went to telephones of people nobody knows.
    pub fn rung_by_nobody(&self) -> usize {
        self.server.gateway.as_ref().unwrap().sent_to(NOBODY)
    }

    /// How much memory the server has, in bytes.
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.server.process());
        let status = fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.unwrap().trim().trim_end_matches(" kB").trim();
        kilobytes.parse::<u64>().unwrap() * 1_024
    }

    /// What `akashi-audit fsck` says of the whole log.
    pub async fn audited(&self) -> Output {
        self.server.settled_and_published().await;
        let vkey = self.server.get("/log/vkey").await.text();
        let log = format!("{}/log", self.server.url);
        let mut fsck = Command::new(binary("akashi-audit"));
        fsck.args(["fsck", &log, "--vkey", vkey.trim()]);
        fsck.output().unwrap()
    }
}

fn on_duty(number: usize) -> String {
    format!("em-{number}")
}

/// A physician of the honest hospital looks at what the pharmacy has.
pub fn look(person: &Person) -> Access<'_> {
    Access {
        subject: Some(&person.of_honest),
        role_holder: "dr-2",
        role: "physician",
        process: "care.consult",
        purpose: "treatment",
        holder: HOLDER,
        categories: &["medication"],
        ..Access::VIEW
    }
}

/// Has an institution certified and gives it its role-holders.
async fn join(operator: &Operator, server: &Server, id: &str, roles: &[(&str, &str)]) -> Actor {
    let actor = operator.cast.actor(id);
    let sector = id.split('.').next().unwrap();
    let certified = claims::certified(actor.who(), (id, id), sector);
    let statements = operator.cast.by_supervisors(&certified);
    let request = Request::<Recorded>::act(&statements.each_ref().map(text), None, None);
    done(server, &request).await;
    for (role_holder, role) in roles {
        let act = actor.sign(Type::Act, claims::role_assigned(role_holder, role, 1));
        done(server, &Request::<Recorded>::act(&[text(&act)], None, None)).await;
    }
    actor
}

/// Serves what there is; its figures are at another address of this machine.
async fn serve(operator: &Operator, metrics: &str) -> Server {
    let mut server = operator.serve().await;
    metrics.clone_into(&mut server.metrics);
    server
}

async fn done(server: &Server, request: &Request<Recorded>) {
    let answered = server.carry(request.message()).await;
    assert_eq!(answered.status, 200, "{}", answered.text());
}

/// Gets the institution its code for her, at its counter.
pub async fn link(
    behind: &Behind<'_>,
    institution: &Actor,
    browser: &mut Browser<'_, Behind<'_>>,
    qid: &str,
) -> String {
    browser.get("/me/counter-code").await.is(200);
    let page = browser.post("/me/counter-code", &[]).await;
    let code = page.is(200).between("figure-number\">", "<");
    let code = code.replace(' ', "");
    let key = Secret::from_bytes(random());
    let (qid, client) = (Qid::parse(qid).unwrap(), &institution.client);
    let request = client.link(institution.stamp(), qid, &code, &key).unwrap();
    let answered = behind.carry(request.message()).await;
    assert_eq!(answered.status, 200, "{}", answered.text());
    let answer: Value = answered.json();
    answer["link_code"].as_str().unwrap().to_owned()
}

fn text(statement: &Jws) -> String {
    String::from_utf8(statement.as_bytes().to_vec()).unwrap()
}
