//! A browser or a program behind the proxy, which says what address it has.

use akashi_actors::Portal;
use akashi_client::Message;
use akashi_tests::server::{Answered, Server};
use ureq::http::{Request, Response, StatusCode};

/// The header the proxy writes.
pub const FORWARDED_FOR: &str = "x-forwarded-for";
/// What stands for an answer that never came: the server closed the connection.
pub const NONE: u16 = 599;

/// The server, for whoever has this address.
pub struct Behind<'s> {
    pub server: &'s Server,
    pub address: String,
}

impl Behind<'_> {
    /// Sends what an institution asks, and the same bytes again where no answer comes, as the
    /// client library does: a connection nothing came over for a while may be closed.
    pub async fn carry(&self, message: &Message) -> Answered {
        let first = self.carry_once(message).await;
        if first.status == NONE {
            return self.carry_once(message).await;
        }
        first
    }

    async fn carry_once(&self, message: &Message) -> Answered {
        let mut request = self.server.request(message.method(), message.path());
        for (name, value) in message.headers() {
            request = request.header(name, value);
        }
        let request = request.header(FORWARDED_FOR, &self.address);
        let answered = self.server.try_send(request, message.body().to_vec()).await;
        answered.unwrap_or_else(|_| none())
    }
}

fn none() -> Answered {
    Answered {
        status: NONE,
        headers: ureq::http::HeaderMap::new(),
        bytes: Vec::new(),
    }
}

impl Portal for Behind<'_> {
    async fn answer(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        let (head, body) = request.into_parts();
        let path = head.uri.to_string();
        let mut asked = self.server.request(head.method.as_str(), &path);
        for (name, value) in &head.headers {
            asked = asked.header(name, value);
        }
        let asked = asked.header(FORWARDED_FOR, &self.address);
        let answered = self.server.try_send(asked, body).await;
        let answered = answered.unwrap_or_else(|_| none());
        let mut response = Response::new(answered.bytes);
        *response.status_mut() = StatusCode::from_u16(answered.status).unwrap();
        *response.headers_mut() = answered.headers;
        response
    }

    async fn texts(&self, phone: &str) -> Vec<String> {
        self.server.texts(phone).await
    }
}
