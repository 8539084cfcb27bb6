//! "Our key is stolen" and "A supervisor left" of docs/OPERATING.md, command by command, with key
//! files on disk; and what an auditor says of the log afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{Actor, SUPERVISORS, claims, named, particulars, until};
use akashi_client::{PrivateJwk, Request, Signatory};
use akashi_demo::smtp::{Mail, Mails};
use akashi_ledger::clock::SystemClock;
use akashi_policies::Pack;
use akashi_proof::ids::InstitutionId;
use akashi_proof::jws::Type;
use akashi_tests::operator::{ORIGIN, Operator, SPARE};
use akashi_tests::server::{Server, binary};
use akashi_tlog::checkpoint::Origin;
use serde_json::Value;

const HOSPITAL: &str = "hospital.chuo";

/// The addresses that are certified with the hospital, and with supervisors.
const AT_HOSPITAL: &str = "keys@chuo.example";
const AT_SUPERVISORS: &str = "keys@body.example";

/// A ledger under three supervisors, each with a key file, and a hospital they have certified.
pub struct Robbed {
    pub operator: Operator,
    pub server: Server,
    /// What the operator's mail server has taken.
    mails: Arc<Mails>,
    _folder: tempfile::TempDir,
}

impl Robbed {
    pub async fn new() -> Self {
        let (folder, mut operator) = started();
        let mails = operator.takes_mail().await;
        operator.configure(&["pack"]);
        operator.does(&["init"]);
        let robbed = Self::with_key_files(folder, operator.serve().await, operator, mails);
        robbed.admits(HOSPITAL, &named(HOSPITAL), &SUPERVISORS);
        robbed
    }

    /// The same, of a ledger that is opened again after so long, and does not record; the hospital
    /// is not in it yet.
    pub async fn after(pause: Duration) -> Self {
        let (folder, mut operator) = started();
        let mails = operator.takes_mail().await;
        operator.configure(&["pack"]);
        operator.began(pause, &Pack::town().unwrap());
        let server = operator.serve_stopped().await;
        Self::with_key_files(folder, server, operator, mails)
    }

    fn with_key_files(
        folder: tempfile::TempDir,
        server: Server,
        operator: Operator,
        mails: Arc<Mails>,
    ) -> Self {
        let robbed = Self {
            server,
            operator,
            mails,
            _folder: folder,
        };
        for name in [SUPERVISORS[0], SUPERVISORS[1], SPARE, HOSPITAL] {
            robbed.private(&format!("{name}.jwk"), &named(name).jwk().to_json());
        }
        let lines = particulars("新しい機関", "A New Body");
        let lines = lines
            .texts()
            .map(|(name, text)| format!("{name} = {text:?}\n"));
        let lines = lines.collect::<String>();
        assert!(lines.contains(AT_SUPERVISORS), "{lines}");
        robbed.private("body.toml", &lines.replace(AT_SUPERVISORS, AT_HOSPITAL));
        robbed
    }

    fn private(&self, name: &str, text: &str) {
        let path = self.operator.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn path(&self, name: &str) -> String {
        self.operator.path(name).to_str().unwrap().to_owned()
    }

    /// Who draws a key with `akashi key new`, and the line of its output that begins like this.
    fn draws(&self, name: &str, file: &str, line: &str) -> (Signatory, String) {
        let out = self.path(file);
        let said = self
            .operator
            .does(&["key", "new", "--name", name, "--out", &out]);
        let printed = said.lines().find_map(|one| one.strip_prefix(line));
        let jwk = PrivateJwk::parse(&fs::read(&out).unwrap()).unwrap();
        let id = InstitutionId::parse(name).unwrap();
        let who = Signatory::from_jwk(id, &jwk).unwrap();
        (who, printed.unwrap().trim().to_owned())
    }

    /// Each of these signs the command on a machine of its own and hands on a file; the last posts.
    fn sign(&self, command: &[&str], signers: &[&str]) -> Output {
        let mut handed: Option<String> = None;
        let (last, others) = signers.split_last().unwrap();
        let arguments = |signer: &str, handed: &Option<String>| {
            let file = self.path(&format!("{signer}.jwk"));
            let mut all: Vec<String> = command.iter().map(|&one| one.to_owned()).collect();
            all.extend(["--url".to_owned(), self.server.url.clone()]);
            all.extend(["--signer".to_owned(), format!("{signer}={file}")]);
            if let Some(file) = handed {
                all.extend(["--statement".to_owned(), file.clone()]);
            }
            all
        };
        for signer in others {
            let out = self.path(&format!("{signer}.jws"));
            let mut all = arguments(signer, &handed);
            all.extend(["--out".to_owned(), out.clone()]);
            let _ = fs::remove_file(&out);
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            self.operator.does(&all);
            handed = Some(out);
        }
        let all = arguments(last, &handed);
        Command::new(binary("akashi")).args(all).output().unwrap()
    }

    /// The command is carried out; what it says.
    #[track_caller]
    pub fn done(&self, command: &[&str], signers: &[&str]) -> String {
        let output = self.sign(command, signers);
        assert!(output.status.success(), "{command:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub fn refused(&self, command: &[&str], signers: &[&str], why: &str) {
        let output = self.sign(command, signers);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(why), "{said}");
    }

    pub fn admits(&self, id: &str, who: &Signatory, signers: &[&str]) {
        let key = akashi_tlog::base64::url::encode(who.public().as_bytes());
        let body = self.path("body.toml");
        let command = [
            "institution",
            "add",
            "--id",
            id,
            "--sector",
            "hospital",
            "--public-key",
            &key,
            "--particulars",
            &body,
        ];
        self.done(&command, signers);
    }

    /// The status and code of an act that this signatory signs alone.
    async fn acts(&self, who: &Signatory, act: Value) -> (u16, String) {
        let log = Origin::new(ORIGIN).unwrap();
        let actor = Actor::new(who.clone(), &log, Arc::new(SystemClock::default()));
        let statement = actor.sign(Type::Act, act);
        let line = String::from_utf8(statement.as_bytes().to_vec()).unwrap();
        let answer = self
            .server
            .carry(Request::act(&[line], None, None).message())
            .await;
        let code = if answer.status == 200 {
            String::new()
        } else {
            answer.json()["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        (answer.status, code)
    }

    /// The mails with this in their subject once there are so many, and whom each went to.
    async fn mailed(&self, subject: &str, count: usize) -> Vec<Mail> {
        until(subject, async || {
            let mut mails = self.mails.all();
            mails.retain(|mail| mail.subject.contains(subject));
            assert!(mails.len() <= count, "{mails:?}");
            (mails.len() == count).then_some(mails)
        })
        .await
    }

    /// The server is killed, and another starts on what it left.
    pub async fn killed_and_served_again(self) -> Self {
        let Self {
            operator,
            server,
            mails,
            _folder,
        } = self;
        server.kill();
        Self {
            server: operator.serve().await,
            operator,
            mails,
            _folder,
        }
    }

    /// The server is killed, and no other starts on what it left: what it says.
    pub fn killed_and_not_served_again(self) -> String {
        self.server.kill();
        self.operator.is_refused(&["serve"])
    }

    async fn fsck(&self, supervisors: &[String]) -> Output {
        self.server.settled_and_published().await;
        let vkey = self.server.get("/log/vkey").await.text();
        let url = format!("{}/log", self.server.url);
        let mut command = Command::new(binary("akashi-audit"));
        command.args(["fsck", &url, "--vkey", vkey.trim()]);
        for one in supervisors {
            command.args(["--supervisor", one]);
        }
        command.output().unwrap()
    }
}

/// A folder with the town's pack, and no settings and no ledger yet.
fn started() -> (tempfile::TempDir, Operator) {
    let folder = tempfile::tempdir().unwrap();
    let operator = Operator::new(folder.path());
    let pack = operator.path("pack");
    fs::create_dir(&pack).unwrap();
    for (name, text) in Pack::town_files() {
        fs::write(pack.join(name), text).unwrap();
    }
    (folder, operator)
}

fn role() -> Value {
    claims::role_assigned("dr-sato", "physician", 1_700_000_000)
}

/// The mail went to these addresses alone, and says each of these in its text.
#[track_caller]
fn says(mail: &Mail, to: &[&str], parts: &[&str]) {
    assert_eq!(mail.to, to, "{mail:?}");
    assert_eq!(mail.from, "akashi@example.jp");
    for part in parts {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_key_is_stolen() {
    let robbed = Robbed::new().await;
    let (new, key) = robbed.draws(HOSPITAL, "new.jwk", "public key");
    let reset = [
        "institution",
        "reset-keys",
        "--id",
        HOSPITAL,
        "--public-key",
        &key,
        "--reason",
        "stolen",
    ];
    // The thief has its own, which is valid: the reset waits.
    robbed.refused(&reset, &SUPERVISORS[..1], "statements of 2 signers");
    let said = robbed.done(&reset, &SUPERVISORS);
    assert!(said.contains(new.kid().as_str()), "{said}");
    // Its registered address is told at once, by whom, of what, and what to do against it.
    let url = robbed.server.url.as_str();
    let kid = new.kid().as_str();
    let object_so = format!("akashi institution object --url {url} --kid {kid} --reason");
    let told = robbed.mailed("鍵が替わります", 1).await;
    assert!(told[0].subject.contains(HOSPITAL), "{}", told[0].subject);
    let parts = [
        "新しい機関（hospital.chuo）のすべての鍵を、1つの新しい鍵に替えます",
        "all the keys of A New Body (hospital.chuo)",
        "県監督局、県監督局",
        "Signed by: Prefecture Supervisors, Prefecture Supervisors",
        kid,
        &object_so,
        "+81 55 000 1234",
    ];
    says(&told[0], &[AT_HOSPITAL], &parts);
    assert_eq!(robbed.acts(&new, role()).await.0, 403);
    let object = [
        "institution",
        "object",
        "--kid",
        new.kid().as_str(),
        "--reason",
        "nothing was stolen",
    ];
    robbed.done(&object, &[HOSPITAL]);
    // Who owns the institution hears of the thief's objection, and so does who must sign more.
    let mut told = robbed.mailed("鍵の取り替えに異議", 2).await;
    told.sort_by(|a, b| b.to.cmp(&a.to));
    for (mail, to) in told.iter().zip([AT_HOSPITAL, AT_SUPERVISORS]) {
        says(
            mail,
            &[to],
            &["異議が唱えられました", "it is the thief's", kid],
        );
    }
    robbed.refused(&reset, &SUPERVISORS, "statements of 3 signers");
    robbed.done(&reset, &[SUPERVISORS[0], SUPERVISORS[1], SPARE]);
    assert_eq!(
        robbed.acts(&new, role()).await.0,
        403,
        "72 hours are not over"
    );
    // That of three signers is announced too: read before it is in force.
    robbed.mailed("鍵が替わります", 2).await;

    // The thief ends the last key there is, so that nobody else has the institution either.
    let old = named(HOSPITAL);
    let revoked = claims::key_revoked(old.kid().as_str());
    assert_eq!(robbed.acts(&old, revoked).await.0, 200);
    assert_eq!(robbed.acts(&old, role()).await.0, 403);
    robbed.done(&reset, &[SUPERVISORS[0], SUPERVISORS[1], SPARE]);
    let told = robbed.mailed("鍵が替わりました", 1).await;
    says(
        &told[0],
        &[AT_HOSPITAL],
        &["the new key alone is valid", kid],
    );
    robbed.mailed("鍵が替わります", 2).await;
    assert_eq!(robbed.mails.all().len(), 5, "there is nothing else");
    assert_eq!(robbed.acts(&new, role()).await, (200, String::new()));
    assert_eq!(robbed.acts(&old, role()).await.0, 403);
    let output = robbed.fsck(&[]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_left() {
    let robbed = Robbed::new().await;
    let [north, south] = SUPERVISORS;
    let (_, vkey) = robbed.draws("supervisor.east", "supervisor.east.jwk", "vkey");
    let body = robbed.path("body.toml");
    let replace = [
        "supervisor",
        "replace",
        "--id",
        SPARE,
        "--vkey",
        &vkey,
        "--particulars",
        &body,
    ];
    robbed.refused(&replace, &[SPARE, south], "the one who is replaced");
    robbed.done(&replace, &SUPERVISORS);
    // Supervisors are told, the one that was replaced among them; the new one's address, too.
    let mut told = robbed.mailed("監督機関の交代", 2).await;
    told.sort_by(|a, b| a.to.cmp(&b.to));
    for (mail, to) in told.iter().zip([AT_SUPERVISORS, AT_HOSPITAL]) {
        says(
            mail,
            &[to],
            &["supervisor.west", "Its key until now signs nothing"],
        );
    }
    robbed.admits(
        "hospital.new",
        &named("hospital.new"),
        &[south, "supervisor.east"],
    );
    let key = akashi_tlog::base64::url::encode(named("hospital.false").public().as_bytes());
    let add = [
        "institution",
        "add",
        "--id",
        "hospital.false",
        "--sector",
        "hospital",
        "--public-key",
        &key,
        "--particulars",
        &body,
    ];
    robbed.refused(&add, &[north, SPARE], "No registered key has this name");

    let mut supervisors: Vec<String> = [north, south, SPARE]
        .map(|name| named(name).vkey().unwrap())
        .to_vec();
    let output = robbed.fsck(&supervisors).await;
    assert_eq!(
        output.status.code(),
        Some(1),
        "one came that the auditor does not know"
    );
    supervisors.push(vkey);
    let output = robbed.fsck(&supervisors).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("must sign   2 of 3 supervisors"), "{said}");
}
