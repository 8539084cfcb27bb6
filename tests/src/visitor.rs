//! A person at her browser, before the real server.

use akashi_actors::{Browser, Portal};
use ureq::http::{Request, Response, StatusCode};

use crate::server::Server;

pub use akashi_actors::{Page, Papers};

pub type Visitor<'s> = Browser<'s, Server>;

impl Portal for Server {
    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let (head, body) = request.into_parts();
        let mut asked = self.request(head.method.as_str(), &head.uri.to_string());
        for (name, value) in &head.headers {
            asked = asked.header(name, value);
        }
        let answered = self.send(asked, body).await;
        let mut response = Response::new(answered.bytes);
        *response.status_mut() = StatusCode::from_u16(answered.status).unwrap();
        *response.headers_mut() = answered.headers;
        response
    }

    /// Of a demo her own answers among them.
    async fn texts(&self, phone: &str) -> Vec<String> {
        if let Some(gateway) = &self.gateway {
            return gateway.texts(phone);
        }
        let messages = self.get(&format!("/demo/phone/{phone}/messages")).await;
        let messages = messages.json();
        let texts = messages.as_array().unwrap().iter();
        texts
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .collect()
    }
}
