//! A citizen of the seeded town: what institutions know of her, her phone, her mailbox.

use akashi_demo::description::{CitizenEntry, Description};
use akashi_proof::digest::Secret;

use crate::phone::Phone;
use crate::server::Server;

pub struct Citizen {
    pub entry: CitizenEntry,
    pub phone: Phone,
}

impl Citizen {
    pub fn of(description: &Description, key: &str) -> Self {
        let entry = description
            .citizens
            .iter()
            .find(|citizen| citizen.key == key)
            .unwrap()
            .clone();
        Self {
            phone: Phone::new(&entry.phone),
            entry,
        }
    }

    /// The institution's code for her.
    pub fn code(&self, institution: &str) -> &str {
        &self
            .entry
            .links
            .iter()
            .find(|link| link.institution == institution)
            .unwrap()
            .code
    }

    pub fn link_key(&self, institution: &str) -> Secret {
        let link = self
            .entry
            .links
            .iter()
            .find(|link| link.institution == institution)
            .unwrap();
        crate::institution::secret(&link.link_key)
    }

    /// The texts on her phone, oldest first.
    pub async fn texts(&self, server: &Server) -> Vec<String> {
        self.phone.texts(server).await
    }

    /// Waits for a text on her phone after the first `known` ones that says `what`.
    pub async fn wait_for_text(
        &self,
        server: &Server,
        known: usize,
        what: impl Fn(&str) -> bool,
    ) -> String {
        self.phone.wait_for_text(server, known, what).await
    }

    /// Answers from her phone.
    pub async fn reply(&self, server: &Server, text: &str) {
        self.phone.reply(server, text).await;
    }
}

/// Everything in the demo's mailbox as one text.
pub async fn mails(server: &Server) -> String {
    server.get("/demo/mail").await.text()
}
