//! A text where it is used: once, in Japanese and English side by side, so that neither can be
//! missing.

use std::fmt;

pub use akashi_proof::record::kind::Language;

/// One text in both languages where it is used: `say!(language, "{a}の記録", "Records of {a}")`.
#[macro_export]
macro_rules! say {
    ($language:expr, $ja:literal, $en:literal $(, $arg:expr)* $(,)?) => {
        match $language {
            $crate::words::say::Language::Ja => format!($ja $(, $arg)*),
            $crate::words::say::Language::En => format!($en $(, $arg)*),
        }
    };
}
pub use crate::say;

/// [`say!`] of what is counted, in its last argument: Japanese, English of one, English of any
/// other number.
#[macro_export]
macro_rules! say_many {
    ($language:expr, $ja:literal, $one:literal, $many:literal, $count:ident) => {
        match $language {
            $crate::words::say::Language::Ja => format!($ja),
            $crate::words::say::Language::En if $crate::words::say::Count::is_one(&$count) => {
                format!($one)
            }
            $crate::words::say::Language::En => format!($many),
        }
    };
}
pub use crate::say_many;

/// A number of things, as a sentence may hold it.
pub trait Count: fmt::Display {
    /// Whether English says it in the singular.
    fn is_one(&self) -> bool;
}

macro_rules! counts {
    ($($number:ty),*) => {
        $( impl Count for $number {
            fn is_one(&self) -> bool {
                *self == 1
            }
        } )*
    };
}
counts!(u16, u32, u64, usize);

impl<C: Count> Count for &C {
    fn is_one(&self) -> bool {
        C::is_one(self)
    }
}

/// Picks one of two fixed texts.
pub const fn pick(language: Language, ja: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}
