//! A phone: what has arrived on it, and what its owner answers.

use akashi_actors::Portal;
use serde_json::json;

use crate::server::Server;

pub use akashi_actors::{reference_and_code, six_digits};

#[derive(Clone)]
pub struct Phone {
    /// E.164.
    pub number: String,
}

impl Phone {
    pub fn new(number: &str) -> Self {
        Self {
            number: number.to_owned(),
        }
    }

    /// The texts on it, her own answers among them, oldest first.
    pub async fn texts(&self, server: &Server) -> Vec<String> {
        server.texts(&self.number).await
    }

    /// Waits for a text after the first `known` ones that says `what`.
    pub async fn wait_for_text(
        &self,
        server: &Server,
        known: usize,
        what: impl Fn(&str) -> bool,
    ) -> String {
        server.wait_for_text(&self.number, known, what).await
    }

    /// The six digits of the code that arrives after the first `known` texts.
    pub async fn code(&self, server: &Server, known: usize) -> String {
        server.code(&self.number, &[""], known).await
    }

    /// Answers from it.
    pub async fn reply(&self, server: &Server, text: &str) {
        let request = server
            .request("POST", &format!("/demo/phone/{}/messages", self.number))
            .header("content-type", "application/json");
        let body = json!({"text": text}).to_string();
        let answer = server.send(request, body.into_bytes()).await;
        assert!((200..300).contains(&answer.status), "{}", answer.status);
    }
}
