//! Counts over a cohort: no single person is concerned.

use crate::digest::Digest;
use crate::ids::{
    CategoryCode, InstitutionId, Jti, Kid, ProcessId, PurposeCode, RoleCode, RoleHolderId,
};
use crate::reason::Reasons;
use crate::record::fields::fields;
use crate::record::value::{Bytes, Set};
use crate::record::word::{Outcome, Step};

fields! {
    /// Fields of `statistics.permitted` and `statistics.denied`.
    pub struct StatisticsDecided {
        /// Who asked, under the institution.
        role_holder: RoleHolderId,
        /// In which role.
        role: RoleCode,
        /// The business process.
        process: ProcessId,
        /// The purpose.
        purpose: PurposeCode,
        /// The institution that has the data.
        holder: InstitutionId,
        /// The categories counted.
        categories: Set<CategoryCode>,
        /// How many persons the cohort has.
        cohort_size: u64,
        /// Digest of the cohort's definition.
        cohort_digest: Digest,
        /// Digest of the query.
        request_digest: Digest,
        /// What was decided.
        outcome: Outcome,
        /// The step that failed.
        step: Option<Step>,
        /// Why.
        reasons: Reasons,
        /// Digest of the policy pack that decided.
        policy_digest: Digest,
        /// The key that signed the statement.
        kid: Kid,
        /// The statement's identifier.
        jti: Jti,
        /// The statement as it came.
        statement: Bytes,
    }
}
