//! The real binary, driven through its public surfaces only.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(
    missing_docs,
    reason = "drivers for tests; their names say what they do"
)]

mod accesses;
mod approvals;
mod audit;
mod bad_input;
mod endings;
mod history;
mod leaks;
mod log_keys;
mod packs;
mod standstill;
mod stolen_keys;
mod survival;
mod tour;

use std::path::Path;

use akashi_client::Access;
use akashi_demo::description::Description;
use akashi_proof::statement::Basis;
use akashi_tests::citizen::Citizen;
use akashi_tests::institution::Institution;
use akashi_tests::server::Server;

/// A demo of its own for one test.
pub struct Demo {
    pub server: Server,
    pub description: Description,
    pub folder: tempfile::TempDir,
}

impl Demo {
    pub async fn start() -> Self {
        Self::start_with(&["--log", "info"]).await
    }

    pub async fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start_with(&folder.path().join("data"), arguments).await;
        // The town asks somebody something the day it opens: what a test counts begins after that.
        server.settled().await;
        let description = server.description();
        Self {
            server,
            description,
            folder,
        }
    }

    /// The same town after its server was ended and something was done to its folder.
    pub async fn restarted(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self {
            server,
            description,
            folder,
        } = self;
        let data = server.kill();
        meanwhile(&data);
        let server = Server::start(&data).await;
        server.settled().await;
        Self {
            server,
            description,
            folder,
        }
    }

    pub fn institution(&self, id: &str) -> Institution {
        Institution::of(&self.description, id)
    }

    pub fn citizen(&self, key: &str) -> Citizen {
        Citizen::of(&self.description, key)
    }
}

/// The city checks insurance coverage at the insurer: a statute allows it, no consent is needed.
pub fn benefit_check(citizen: &Citizen) -> Access<'_> {
    Access {
        subject: Some(citizen.code("city.hinata")),
        role_holder: "welfare-1",
        role: "welfare-officer",
        process: "city.benefit-check",
        purpose: "benefit-eligibility",
        holder: "insurer.hinata",
        categories: &["insurance-coverage"],
        basis: Basis::Statute,
        ..Access::VIEW
    }
}
