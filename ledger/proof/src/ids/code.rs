//! Codes of a policy pack: opaque here, what they mean stands in the pack.

use super::{IdError, is_code};
use std::fmt;

text_id! {
    /// A role of the policy pack: `physician`.
    RoleCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A purpose of the policy pack: `treatment`.
    PurposeCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A category of data of the policy pack: `medication`.
    CategoryCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A business process of the policy pack: `care.refer`.
    ProcessId: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
    /// A rule of the policy pack: `insurer-no-emergency`.
    RuleCode: "1 to 64 of a-z 0-9 . - _ beginning with a letter", is_code;
}
