//! Requests made beforehand: access statements signed on all cores, so that none of that is
//! measured.

use std::num::NonZeroUsize;
use std::thread;

use akashi_client::{Access, Institution, Query, Stamp};
use akashi_ledger::clock::SystemClock;
use akashi_ledger::random::draw;
use akashi_proof::clock::Clock;
use akashi_proof::fault::Fault;
use akashi_proof::ids::{Jti, LinkCode, Timestamp};
use akashi_proof::statement::RequestNonce;

use crate::description::LoadEntry;
use crate::load::client::Target;
use crate::town::statements::query_path;

/// Signs statements about people, one after the other.
pub struct Signing {
    /// Who asks.
    pub institution: Institution,
    /// What is asked.
    pub asked: LoadEntry,
    /// The requester's codes for the people; at least one.
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
    ///
    /// # Errors
    /// A [`Fault`] in what is to be asked.
    pub fn requests(&self, first: usize, count: usize) -> Result<Vec<Vec<u8>>, Fault> {
        let each = count.div_ceil(Self::threads()).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = (first..first + count)
                .step_by(each)
                .map(|from| scope.spawn(move || self.part(from, each.min(first + count - from))))
                .collect();
            let mut requests = Vec::with_capacity(count);
            for part in parts {
                requests.extend(part.join().unwrap_or_else(|_| Ok(Vec::new()))?);
            }
            Ok(requests)
        })
    }

    fn part(&self, first: usize, count: usize) -> Result<Vec<Vec<u8>>, Fault> {
        let categories: Vec<&str> = self.asked.categories.iter().map(String::as_str).collect();
        let path = query_path(&categories);
        let asked = Access {
            role_holder: &self.asked.role_holder,
            role: &self.asked.role,
            process: &self.asked.process,
            purpose: &self.asked.purpose,
            holder: &self.asked.holder,
            categories: &categories,
            ..Access::VIEW
        };
        let now = SystemClock::default().wall();
        (first..first + count)
            .map(|number| {
                let asked = Access {
                    subject: Some(self.code(number).as_str()),
                    ..asked.clone()
                };
                self.request(&asked, &path, now)
            })
            .collect()
    }

    /// A stride that shares no factor with the count visits everybody before anybody comes again.
    #[expect(
        clippy::indexing_slicing,
        reason = "there are people, and so there are codes"
    )]
    fn code(&self, number: usize) -> &LinkCode {
        &self.codes[number.wrapping_mul(7_919) % self.codes.len()]
    }

    fn request(&self, asked: &Access<'_>, path: &str, now: Timestamp) -> Result<Vec<u8>, Fault> {
        let mut drawn = [[0; 16]; 2];
        draw(drawn.as_flattened_mut());
        let [jti, nonce] = drawn;
        let jti = Jti::from_bytes(jti);
        let nonce = RequestNonce::from_bytes(nonce);
        let query = Query::get(path);
        let request = self
            .institution
            .access(Stamp { now, jti }, asked, &query, &nonce)?;
        Ok(self.target.write(request.message()))
    }
}
