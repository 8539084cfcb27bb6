//! Requests made beforehand: access statements signed on all cores, so that none of that is
//! measured.

use std::num::NonZeroUsize;
use std::thread;

use akashi_client::Signatory;
use akashi_ledger::clock::SystemClock;
use akashi_ledger::random::draw;
use akashi_proof::clock::Clock;
use akashi_proof::ids::{Jti, LinkCode};
use akashi_proof::statement::{Basis, RequestNonce};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;

use crate::description::LoadEntry;
use crate::load::client::Target;
use crate::town::statements::AccessAsked;

/// Signs statements about people, one after the other.
pub struct Signing {
    /// Who asks.
    pub signatory: Signatory,
    /// What is asked.
    pub asked: LoadEntry,
    /// The log's origin.
    pub origin: Origin,
    /// The requester's codes for the people.
    pub codes: Vec<LinkCode>,
    /// Where requests go.
    pub target: Target,
}

impl Signing {
    /// How many threads sign.
    pub fn threads() -> usize {
        thread::available_parallelism().map_or(1, NonZeroUsize::get)
    }

    /// So many requests, the next people in turn: `first` is the number of the first of them.
    pub fn requests(&self, first: usize, count: usize) -> Vec<Vec<u8>> {
        let each = count.div_ceil(Self::threads()).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = (first..first + count)
                .step_by(each)
                .map(|from| scope.spawn(move || self.part(from, each.min(first + count - from))))
                .collect();
            parts
                .into_iter()
                .flat_map(|part| part.join().unwrap_or_default())
                .collect()
        })
    }

    fn part(&self, first: usize, count: usize) -> Vec<Vec<u8>> {
        let now = SystemClock::default().wall();
        (first..first + count)
            .filter_map(|number| self.request(number, now))
            .collect()
    }

    fn request(&self, number: usize, now: akashi_proof::ids::Timestamp) -> Option<Vec<u8>> {
        // A stride that shares no factor with the count visits everybody before anybody comes
        // again.
        let code = self
            .codes
            .get(number.wrapping_mul(7_919) % self.codes.len().max(1))?;
        let mut drawn = [[0; 16]; 2];
        draw(drawn.as_flattened_mut());
        let [jti, nonce] = drawn;
        let (jti, nonce) = (Jti::from_bytes(jti), RequestNonce::from_bytes(nonce));
        let categories: Vec<&str> = self.asked.categories.iter().map(String::as_str).collect();
        let asked = AccessAsked {
            subject: Some(code.clone()),
            role_holder: &self.asked.role_holder,
            role: &self.asked.role,
            process: &self.asked.process,
            purpose: &self.asked.purpose,
            holder: &self.asked.holder,
            categories: &categories,
            basis: Basis::Consent,
        };
        let common = self.signatory.common(&self.origin, now, jti);
        let statement = self.signatory.write(&asked.claims(common, &nonce).ok()?);
        let headers = [
            ("Content-Type", "application/jose"),
            (
                "Akashi-Request-Nonce",
                &base64::url::encode(nonce.as_bytes()),
            ),
        ];
        Some(
            self.target
                .request("POST", "/v1/accesses", &headers, statement.as_bytes()),
        )
    }
}
