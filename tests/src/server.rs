//! The real server in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use akashi_actors::{free_port, until};
use akashi_client::Message;
use akashi_demo::description::Description;
use serde_json::Value;
use ureq::http::request::Builder;
use ureq::http::{HeaderMap, Request};

use crate::gateway::Gateway;

/// As long as nextest lets a test run: whoever waits longer hangs.
const ANSWERS_WITHIN: Duration = Duration::from_secs(300);
/// Above every answer of a demo: its longest is a bundle of entries or a history.
const ANSWER_LEN_MAX: u64 = 64 * 1024 * 1024;

/// An answer as it came.
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

pub struct Server {
    child: Child,
    pub url: String,
    pub data: PathBuf,
    /// Where its SMS go; a demo brings its own.
    pub gateway: Option<Gateway>,
    /// Where its figures are: with the rest, where a test does not say otherwise.
    pub metrics: String,
    agent: ureq::Agent,
}

impl Server {
    /// Starts `akashi demo` on this folder and waits until it is ready.
    pub async fn start(data: &Path) -> Self {
        Self::start_with(data, &["--log", "info"]).await
    }

    pub async fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let port = free_port();
        let mut command = Command::new(binary("akashi"));
        command
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .args(arguments);
        Self::run(command, data, port, None, 200).await
    }

    /// Starts `akashi serve` with these settings, which name this folder, port and gateway, and
    /// waits until it is ready.
    pub async fn serve(config: &Path, data: &Path, port: u16, gateway: &Gateway) -> Self {
        let mut command = Command::new(binary("akashi"));
        command.args(["serve", "--config"]).arg(config);
        Self::run(command, data, port, Some(gateway.clone()), 200).await
    }

    /// The same of a ledger that records nothing: waits until it says so.
    pub async fn serve_stopped(config: &Path, data: &Path, port: u16, gateway: &Gateway) -> Self {
        let mut command = Command::new(binary("akashi"));
        command.args(["serve", "--config"]).arg(config);
        Self::run(command, data, port, Some(gateway.clone()), 503).await
    }

    /// Waits until `/readyz` is answered so.
    async fn run(
        mut command: Command,
        data: &Path,
        port: u16,
        gateway: Option<Gateway>,
        readiness: u16,
    ) -> Self {
        let output = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.with_extension("output"))
            .unwrap();
        let child = command
            .stdout(Stdio::null())
            .stderr(output)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(ANSWERS_WITHIN))
            .build()
            .new_agent();
        let url = format!("http://127.0.0.1:{port}");
        let server = Self {
            child,
            metrics: format!("{url}/metrics"),
            url,
            data: data.to_owned(),
            gateway,
            agent,
        };
        server.ready(readiness).await;
        server
    }

    async fn ready(&self, readiness: u16) {
        until("the server is ready", async || {
            let answer = self.try_send(self.request("GET", "/readyz"), Vec::new());
            let is_ready = answer.await.is_ok_and(|answer| answer.status == readiness);
            // A demo writes its description last.
            let is_whole = self.gateway.is_some() || self.data.join("demo.json").exists();
            (is_ready && is_whole).then_some(())
        })
        .await;
    }

    /// Waits until everybody was told what there is to tell, so that the log stands still until
    /// somebody does something; how many entries it has then.
    pub async fn settled(&self) -> u64 {
        until("the notifier has told everything", async || {
            let figures = self.figures().await;
            let figure = |name| figure(&figures, name);
            let left = figure("akashi_notifier_waiting") + figure("akashi_outbox_waiting");
            (left == 0).then(|| figure("akashi_log_entries"))
        })
        .await
    }

    /// Its figures, as text.
    pub async fn figures(&self) -> String {
        let request = Request::get(&self.metrics);
        self.send(request, Vec::new()).await.text()
    }

    /// The number the system knows its process by.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the public checkpoint covers so many entries: it moves once a second.
    pub async fn published(&self, entries: u64) {
        until("the checkpoint covers them", async || {
            let checkpoint = self.get("/log/checkpoint").await.text();
            let size: u64 = checkpoint.lines().nth(1)?.parse().ok()?;
            (size >= entries).then_some(())
        })
        .await;
    }

    /// [`Self::published`], of everything there is once it is [settled](Self::settled).
    pub async fn settled_and_published(&self) {
        self.published(self.settled().await).await;
    }

    /// What it has written to its log so far, earlier starts on the same folder included.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("output")).unwrap_or_default()
    }

    pub fn description(&self) -> Description {
        serde_json::from_slice(&std::fs::read(self.data.join("demo.json")).unwrap()).unwrap()
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.send(self.request("GET", path), Vec::new()).await
    }

    /// A request to this server, to be given headers and then to [`Self::send`].
    pub fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
    }

    /// Sends what an institution asks, once.
    pub async fn carry(&self, message: &Message) -> Answered {
        let mut request = self.request(message.method(), message.path());
        for (name, value) in message.headers() {
            request = request.header(name, value);
        }
        self.send(request, message.body().to_vec()).await
    }

    pub async fn send(&self, request: Builder, body: Vec<u8>) -> Answered {
        self.try_send(request, body).await.unwrap()
    }

    /// The client waits on its socket: on a thread of its own, so that a test can go on meanwhile.
    /// Fails where no answer comes.
    pub async fn try_send(&self, request: Builder, body: Vec<u8>) -> Result<Answered, ureq::Error> {
        let agent = self.agent.clone();
        let exchange = move || {
            let answer = if body.is_empty() {
                agent.run(request.body(())?)?
            } else {
                agent.run(request.body(body)?)?
            };
            let (head, body) = answer.into_parts();
            Ok(Answered {
                status: head.status.as_u16(),
                headers: head.headers,
                bytes: body
                    .into_with_config()
                    .limit(ANSWER_LEN_MAX)
                    .read_to_vec()?,
            })
        };
        tokio::task::spawn_blocking(exchange).await.unwrap()
    }

    /// `kill -9`: nothing of the process gets a chance to tidy up.
    pub fn kill(mut self) -> PathBuf {
        self.end();
        self.data.clone()
    }

    /// The same, of one that is kept to be started again.
    pub fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to end, and waits until it has put everything in order.
    pub fn end_in_order(&mut self) {
        let process = self.process().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One of a server's figures, by its name and labels.
pub fn figure(figures: &str, name: &str) -> u64 {
    let values = figures.lines().filter_map(|line| line.strip_prefix(name));
    let mut values = values.filter_map(|value| value.strip_prefix(' '));
    values.next().unwrap().parse().unwrap()
}

/// A binary of this build: beside `AKASHI_BIN` where it is set, which names `akashi` itself, else
/// beside the test's own folder.
pub fn binary(name: &str) -> PathBuf {
    let folder = std::env::var_os("AKASHI_BIN").map_or_else(
        || {
            let mut folder = std::env::current_exe().unwrap();
            folder.pop();
            if folder.ends_with("deps") {
                folder.pop();
            }
            folder
        },
        |akashi| PathBuf::from(akashi).parent().unwrap().to_owned(),
    );
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not built: cargo build --workspace --bins",
        path.display()
    );
    path
}
