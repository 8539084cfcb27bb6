//! The real server in a process of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use akashi::demo::description::Description;

/// How long a debug build on a busy machine may take to seed the town; waiting longer means that it
/// hangs.
const READY_WITHIN: Duration = Duration::from_secs(180);

pub struct Server {
    child: Child,
    pub url: String,
    pub data: PathBuf,
    pub client: reqwest::Client,
}

impl Server {
    /// Starts `akashi demo` on this folder and waits until it is ready.
    pub async fn start(data: &Path) -> Self {
        Self::start_with(data, &["--log", "info"]).await
    }

    pub async fn start_with(data: &Path, arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let output = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.with_extension("output"))
            .unwrap();
        let child = Command::new(binary("akashi"))
            .args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"])
            .arg(data)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(output)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let server = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            data: data.to_owned(),
            client,
        };
        server.ready().await;
        server
    }

    async fn ready(&self) {
        let started = Instant::now();
        loop {
            let answer = self.client.get(format!("{}/readyz", self.url)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success())
                && self.data.join("demo.json").exists()
            {
                return;
            }
            assert!(
                started.elapsed() < READY_WITHIN,
                "the server did not become ready:\n{}",
                self.output()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What it has written to its log so far, earlier starts on the same folder included.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("output")).unwrap_or_default()
    }

    pub fn description(&self) -> Description {
        serde_json::from_slice(&std::fs::read(self.data.join("demo.json")).unwrap()).unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }

    /// `kill -9`: nothing of the process gets a chance to tidy up.
    pub fn kill(mut self) -> PathBuf {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.data.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A binary of this build, beside the test's own.
pub fn binary(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not built: cargo build --workspace --bins",
        path.display()
    );
    path
}
