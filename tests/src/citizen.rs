//! A citizen's phone and mailbox, as the demo shows them.

use std::time::{Duration, Instant};

use akashi::demo::description::{CitizenEntry, Description};
use serde_json::{Value, json};

use crate::server::Server;

/// The notifier looks at the log every moment; this is long enough for a busy machine.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

pub struct Citizen {
    pub entry: CitizenEntry,
}

impl Citizen {
    pub fn of(description: &Description, key: &str) -> Self {
        Self { entry: description.citizens.iter().find(|citizen| citizen.key == key).unwrap().clone() }
    }

    /// The institution's code for her.
    pub fn code(&self, institution: &str) -> &str {
        &self.entry.links.iter().find(|link| link.institution == institution).unwrap().code
    }

    pub fn link_key(&self, institution: &str) -> akashi_proof::digest::Secret {
        let link = self.entry.links.iter().find(|link| link.institution == institution).unwrap();
        crate::institution::secret(&link.link_key)
    }

    fn messages_path(&self) -> String {
        format!("/demo/phone/{}/messages", self.entry.phone)
    }

    /// The texts on her phone, oldest first.
    pub async fn texts(&self, server: &Server) -> Vec<String> {
        let messages: Value = server.get(&self.messages_path()).await.json().await.unwrap();
        messages.as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits for a text after the first `known` ones that says `what`.
    pub async fn wait_for_text(&self, server: &Server, known: usize, what: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let texts = self.texts(server).await;
            if let Some(text) = texts.iter().skip(known).find(|text| what(text)) {
                return text.clone();
            }
            assert!(started.elapsed() < ARRIVES_WITHIN, "no such text has come; there are {}", texts.len() - known);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Answers from her phone.
    pub async fn reply(&self, server: &Server, text: &str) {
        let url = format!("{}{}", server.url, self.messages_path());
        let answer = server.client.post(url).json(&json!({"text": text})).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

/// Everything in the demo's mailbox as one text.
pub async fn mails(server: &Server) -> String {
    server.get("/demo/mail").await.text().await.unwrap()
}
