//! How the town's past comes into a ledger.

pub mod founding;
pub mod seeding;
