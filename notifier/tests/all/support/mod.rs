//! A small town on a ledger in a temporary folder, told of by a real notifier: an HTTP gateway and
//! a mail server that the tests control stand in for the outside world.

pub mod gateway;
mod listener;
pub mod mail;

use std::sync::Arc;
use std::time::Duration;

use akashi_actors::{
    Access, Actor, Cast, Person, Query, Remains, SetClock, claims, commands, named, random,
    supervisor, until_so,
};
use akashi_ledger::command::{AccessReceipt, VerifyContact};
use akashi_ledger::{Folders, Ledger, OpenRecord, Opening, RowsOf, StoredRecord, ledger};
use akashi_notifier::{
    Address, Asker, Contact, Contacts, Email, EmailSettings, Notifier, Phone, Retry, SecretText,
    Settings, SmsSettings, SmtpTls,
};
use akashi_policies::{Pack, Shelf};
use akashi_proof::clock::Clock;
use akashi_proof::consent::Terms;
use akashi_proof::digest::Digest;
use akashi_proof::ids::{
    CategoryCode, ConsentId, ContactId, GroupId, LeafIndex, PurposeCode, SubjectHandle, Timestamp,
};
use akashi_proof::jws::Type;
use akashi_proof::record::Position;
use akashi_proof::record::kind::{Assurance, Channel, ConsentGiven, Event, Language, Shown};
use akashi_proof::record::value::Set;
use akashi_proof::statement::{Basis, RequestNonce};

use akashi_tlog::checkpoint::Origin;
use gateway::Gateway;
use mail::MailServer;
use serde_json::Value;

pub const ORIGIN: &str = "test.akashi.example/log";
/// The supervisor beside those who act.
pub const SPARE: &str = "supervisor.west";

pub const TOKEN: &str = "gateway-token";

/// Whoever asks for a code.
pub const ASKER: Asker = Asker {
    browser: [1; 16],
    is_known: false,
    site: [2; 16],
};

/// A person who is told things.
pub struct Citizen {
    pub person: Person,
    pub phone: Phone,
    pub email: Email,
}

/// What stays when a process dies: the files, and the world outside.
pub struct Town {
    folder: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    pub gateway: Gateway,
    pub mail: MailServer,
    cast: Cast,
    pub hospital: Actor,
    pub city: Actor,
    pub settings: Settings,
    opening: Opening,
}

/// One life of the server: dropping it without [`Process::shutdown`] is a crash.
pub struct Process {
    pub ledger: Ledger,
    pub contacts: Arc<Contacts>,
    pub notifier: Notifier,
}

impl Process {
    pub async fn shutdown(self) {
        self.notifier.shutdown().await;
    }
}

impl Town {
    /// A ledger with entry 0 alone.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = SetClock::at(Timestamp::from_millis(1_790_000_000_000));
        let cast = Cast::of(ORIGIN, clock.clone());
        let pack = Pack::town().unwrap();
        let mut opening = cast.opening(pack.name(), pack.digest());
        let spare = named(SPARE).vkey().unwrap();
        opening.supervisors.push(supervisor(spare));
        ledger::create(&folders(&folder), &opening, clock.as_ref()).unwrap();
        let (gateway, mail) = (Gateway::start(), MailServer::start());
        let sms = SmsSettings {
            gateway_url: gateway.url(),
            bearer_token: Some(SecretText::new(TOKEN.into())),
            sender: "Akashi".into(),
        };
        let email = EmailSettings {
            host: "127.0.0.1".into(),
            port: mail.port(),
            tls: SmtpTls::None,
            credentials: None,
            from: "Akashi <akashi@example.jp>".into(),
        };
        let mut settings = Settings::new(sms, Some(email), "https://portal.example.jp".into());
        settings.retry = Retry {
            first: Duration::from_millis(20),
            longest: Duration::from_millis(100),
            attempts_max: 500,
        };
        settings.poll_every = Duration::from_millis(5);
        Self {
            folder,
            clock,
            gateway,
            mail,
            hospital: cast.actor("hospital.chuo"),
            city: cast.actor("city.minato"),
            cast,
            settings,
            opening,
        }
    }

    pub fn open(&self) -> Ledger {
        Ledger::open(&folders(&self.folder), self.clock.clone()).unwrap()
    }

    /// A ledger of the same town on a store that fails on demand.
    pub fn open_in_memory(&self) -> (Ledger, Remains) {
        let remains = Remains::of_new(&self.opening, self.clock.as_ref());
        (remains.open(self.clock.clone()).unwrap(), remains)
    }

    pub fn open_contacts(&self, ledger: &Ledger) -> Contacts {
        let seal = ledger.reader().row_seal(RowsOf::Contacts).unwrap();
        let path = self.folder.path().join("contacts");
        if path.exists() {
            Contacts::open(&path, seal).unwrap()
        } else {
            Contacts::create(&path, seal).unwrap()
        }
    }

    /// Starts the server on what is there.
    pub fn start(&self) -> Process {
        let ledger = self.open();
        let contacts = Arc::new(self.open_contacts(&ledger));
        self.notify(ledger, contacts)
    }

    pub fn notify(&self, ledger: Ledger, contacts: Arc<Contacts>) -> Process {
        let shelf = Arc::new(Shelf::of(Arc::new(Pack::town().unwrap())));
        let notifier = Notifier::start(
            ledger.clone(),
            shelf,
            contacts.clone(),
            self.clock.clone(),
            self.settings.clone(),
        )
        .unwrap();
        Process {
            ledger,
            contacts,
            notifier,
        }
    }

    /// Both institutions certified, their role-holders in their roles.
    pub async fn settle(&self, ledger: &Ledger) {
        for (institution, name_ja, sector) in [
            (&self.hospital, "中央病院", "hospital"),
            (&self.city, "みなと市役所", "city"),
        ] {
            let act = claims::certified(institution.who(), (name_ja, "Chūō"), sector);
            self.by_supervisors(ledger, &act).await;
        }
        for (institution, role_holder, role) in [
            (&self.hospital, "dr-sato", "physician"),
            (&self.hospital, "dr-mori", "emergency-physician"),
            (&self.city, "tanaka-3", "welfare-officer"),
            (&self.city, "kato-1", "public-health-nurse"),
        ] {
            let act = claims::role_assigned(role_holder, role, self.clock.seconds() - 1);
            commands::act(ledger, institution, act).await.unwrap();
        }
    }

    /// Who acts under this name.
    pub fn actor(&self, name: &str) -> Actor {
        self.cast.actor(name)
    }

    /// An act that both supervisors sign.
    pub async fn by_supervisors(&self, ledger: &Ledger, act: &Value) {
        let done = commands::act_by_supervisors(ledger, &self.cast, act).await;
        done.unwrap();
    }

    /// A person with phone and e-mail whom both institutions know. Messages about that are not
    /// looked at.
    pub async fn citizen(&self, ledger: &Ledger, contacts: &Contacts) -> Citizen {
        let mut person = Person::new();
        let number = u32::from_be_bytes(random()) % 10_000_000;
        let phone = Phone::parse(&format!("0901{number:07}")).unwrap();
        let email = Email::parse(&format!("person{number}@example.jp")).unwrap();
        let subject = person.subject;
        let by_phone = self.add(contacts, subject, Address::Phone(phone.clone()));
        let by_email = self.add(contacts, subject, Address::Email(email.clone()));
        ledger.submit(person.enrolment(by_phone)).await.unwrap();
        self.verify(ledger, subject, by_email, Channel::Email).await;
        for institution in [&self.hospital, &self.city] {
            commands::link(ledger, institution, &mut person).await;
        }
        Citizen {
            person,
            phone,
            email,
        }
    }

    pub fn add(&self, contacts: &Contacts, subject: SubjectHandle, address: Address) -> ContactId {
        let contact = Contact {
            id: ContactId::from_bytes(random()),
            subject,
            address,
        };
        contacts.add(&contact).unwrap();
        contact.id
    }

    pub async fn verify(
        &self,
        ledger: &Ledger,
        subject: SubjectHandle,
        contact: ContactId,
        channel: Channel,
    ) {
        let assurance = Assurance::SmsAndRecovery;
        ledger
            .submit(VerifyContact {
                subject,
                contact,
                channel,
                assurance,
            })
            .await
            .unwrap();
    }

    /// Settles the town before anybody listens: its messages are old when the notifier starts.
    pub async fn with_citizen(&self) -> Citizen {
        let ledger = self.open();
        let contacts = self.open_contacts(&ledger);
        self.settled_citizen(&ledger, &contacts).await
    }

    /// The same on a ledger that is open.
    pub async fn settled_citizen(&self, ledger: &Ledger, contacts: &Contacts) -> Citizen {
        self.settle(ledger).await;
        let citizen = self.citizen(ledger, contacts).await;
        self.clock.pass(Duration::from_secs(2 * 86_400));
        citizen
    }

    /// Log index of the decision about an access to the hospital's data.
    pub async fn access(
        &self,
        ledger: &Ledger,
        citizen: &Citizen,
        by: &Actor,
        asked: Access<'_>,
    ) -> LeafIndex {
        let nonce = RequestNonce::from_bytes(random());
        let asked = Access {
            subject: Some(citizen.person.code(by.id()).as_str()),
            holder: self.hospital.id().as_str(),
            ..asked
        };
        let claims = by.claims(&asked, &Query::get("/data"), &nonce);
        let statement = by.sign(Type::Access, claims);
        let policies = Arc::new(Shelf::of(Arc::new(Pack::town().unwrap())));
        let done = commands::ask(ledger, statement, nonce, policies).await;
        match done.unwrap().receipt {
            AccessReceipt::Decided { index } => index,
            other => panic!("{other:?}"),
        }
    }

    /// The city asks for a closer look: the person is asked; not low-risk; a day to answer. Another
    /// query each time, but the same question.
    pub async fn drill_down(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        self.drill_down_at(&["care-level"], ledger, citizen).await
    }

    /// The same about other data: another question.
    pub async fn drill_down_at(
        &self,
        categories: &[&str],
        ledger: &Ledger,
        citizen: &Citizen,
    ) -> LeafIndex {
        self.access(ledger, citizen, &self.city, Self::closer_look(categories))
            .await
    }

    /// What the city asks for when it asks for a closer look.
    pub fn closer_look<'a>(categories: &'a [&'a str]) -> Access<'a> {
        Access {
            role_holder: "tanaka-3",
            role: "welfare-officer",
            process: "city.drill-down",
            purpose: "welfare-support",
            categories,
            ..Access::VIEW
        }
    }

    /// The city's nurse asks about vaccinations: the person is asked; low-risk.
    pub async fn vaccination(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        let asked = Access {
            role_holder: "kato-1",
            role: "public-health-nurse",
            process: "city.vaccination-reminder",
            purpose: "public-health",
            categories: &["vaccination"],
            ..Access::VIEW
        };
        self.access(ledger, citizen, &self.city, asked).await
    }

    /// The hospital declares an emergency.
    pub async fn emergency(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        let asked = Access {
            role_holder: "dr-mori",
            role: "emergency-physician",
            process: "care.emergency",
            purpose: "emergency-treatment",
            categories: &["allergy"],
            basis: Basis::Emergency {
                reason_code: "unconscious".into(),
                reason_text: "traffic accident".into(),
            },
            ..Access::VIEW
        };
        self.access(ledger, citizen, &self.hospital, asked).await
    }

    /// A physician asks outside the whitelist.
    pub async fn out_of_purpose(&self, ledger: &Ledger, citizen: &Citizen) -> LeafIndex {
        self.misuse(ledger, citizen, &self.hospital).await
    }

    /// The same by somebody of this institution.
    pub async fn misuse(&self, ledger: &Ledger, citizen: &Citizen, by: &Actor) -> LeafIndex {
        let asked = Access {
            purpose: "research",
            categories: &["diagnosis"],
            ..consultation("dr-sato")
        };
        self.access(ledger, citizen, by, asked).await
    }
}

/// A physician of this name looks at medication, for treatment.
pub fn consultation(role_holder: &str) -> Access<'_> {
    Access {
        role_holder,
        role: "physician",
        process: "care.consult",
        purpose: "treatment",
        categories: &["medication"],
        ..Access::VIEW
    }
}

fn folders(folder: &tempfile::TempDir) -> Folders {
    Folders {
        data: folder.path().join("data"),
        keys: folder.path().join("keys"),
    }
}

/// Every record about a person, oldest first.
pub fn history(ledger: &Ledger, citizen: &Citizen) -> Vec<OpenRecord> {
    // What is signed: the store may hold more for a moment.
    let size = ledger.reader().head().head.size.value();
    let records = ledger
        .reader()
        .records_from(LeafIndex::new(0), usize::try_from(size).unwrap())
        .unwrap();
    let hers = |stored: &OpenRecord| match &stored.record.position {
        Position::Person(place) => place.subject == citizen.person.subject,
        _ => false,
    };
    let open = records.into_iter().filter_map(StoredRecord::if_open);
    open.filter(hers).collect()
}

/// The events about a person that these questions pick.
pub fn picked<T>(ledger: &Ledger, citizen: &Citizen, pick: impl Fn(Event) -> Option<T>) -> Vec<T> {
    history(ledger, citizen)
        .into_iter()
        .filter_map(|stored| pick(stored.record.event))
        .collect()
}

/// Waits until nothing is left to do: the log is read and no message waits.
pub async fn idle(process: &Process) {
    until_so("idle", || {
        let backlog = process.notifier.backlog();
        backlog.unread() == 0 && backlog.waiting == 0
    })
    .await;
}

/// The reference and the code in a question's text.
pub fn reference_and_code(text: &str) -> (String, String) {
    let after = |label: &str, len| {
        let at = text.find(label).unwrap() + label.len();
        text[at..].chars().take(len).collect::<String>()
    };
    (after("受付番号", 4), after("確認コード", 6))
}

/// The city may see vaccinations at the hospital for so many days.
pub fn consent(town: &Town, days: u8) -> ConsentGiven {
    let now = town.clock.wall();
    let terms = Terms::to_view(
        (town.city.id().clone(), town.hospital.id().clone()),
        Set::new([CategoryCode::parse("vaccination").unwrap()]),
        Set::new([PurposeCode::parse("public-health").unwrap()]),
        (now, now.plus_millis(u64::from(days) * 86_400_000)),
    );
    let shown = Shown {
        wording_digest: Digest::of_wording("text"),
        language: Language::Ja,
        refusal_meaning: "no-disadvantage".into(),
    };
    let ids = (
        ConsentId::from_bytes([days; 16]),
        GroupId::from_bytes([7; 16]),
    );
    let origin = Origin::new(ORIGIN).unwrap();
    ConsentGiven::on_screen(ids, terms, shown, Assurance::SmsAndRecovery, &origin)
}
