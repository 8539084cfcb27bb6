//! A phone of the demo: what has arrived on it, and what its owner answers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::Server;

/// The notifier looks at the log every moment; this is long enough for a busy machine.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

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

    fn path(&self) -> String {
        format!("/demo/phone/{}/messages", self.number)
    }

    /// The texts on it, her own answers among them, oldest first.
    pub async fn texts(&self, server: &Server) -> Vec<String> {
        let messages: Value = server.get(&self.path()).await.json();
        messages
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Waits for a text after the first `known` ones that says `what`.
    pub async fn wait_for_text(
        &self,
        server: &Server,
        known: usize,
        what: impl Fn(&str) -> bool,
    ) -> String {
        let started = Instant::now();
        loop {
            let texts = self.texts(server).await;
            if let Some(text) = texts.iter().skip(known).find(|text| what(text)) {
                return text.clone();
            }
            assert!(
                started.elapsed() < ARRIVES_WITHIN,
                "no such text has come: {:?}",
                &texts[known..]
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The six digits of the code that arrives after the first `known` texts.
    pub async fn code(&self, server: &Server, known: usize) -> String {
        let text = self
            .wait_for_text(server, known, |text| six_digits(text).is_some())
            .await;
        six_digits(&text).unwrap()
    }

    /// Answers from it.
    pub async fn reply(&self, server: &Server, text: &str) {
        let request = server
            .request("POST", &self.path())
            .header("content-type", "application/json");
        let body = json!({"text": text}).to_string();
        let answer = server.send(request, body.into_bytes()).await;
        assert!((200..300).contains(&answer.status), "{}", answer.status);
    }
}

/// The first run of exactly six digits.
pub fn six_digits(text: &str) -> Option<String> {
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.find(|run| run.len() == 6).map(str::to_owned)
}

/// The reference and the code of a message that asks.
pub fn reference_and_code(text: &str) -> (String, String) {
    let (_, rest) = text.split_once("受付番号").unwrap();
    let reference = rest
        .trim_start()
        .chars()
        .take_while(char::is_ascii_uppercase)
        .collect();
    (reference, six_digits(rest).unwrap())
}
