//! What is to be thought of what was checked: exit codes follow from the verdict and from nothing
//! else.

/// What is to be thought of what was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything was checked and agrees.
    Good,
    /// Something is provably wrong.
    DishonestOrBroken,
    /// Nobody need have lied, but no data may be released on it: it was used, is too old, or its
    /// gate is another's.
    DoNotRelease,
    /// Nothing wrong was found, but not everything could be checked.
    CouldNotCheck,
}

/// What a single finding shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It is wrong.
    DishonestOrBroken,
    /// It forbids a release, and proves no lie.
    DoNotRelease,
    /// Nothing can be said of it.
    CouldNotCheck,
}

impl Verdict {
    /// One wrong thing outweighs everything; good is only what is complete.
    #[must_use]
    pub fn of(findings: impl IntoIterator<Item = Severity>, is_complete: bool) -> Self {
        let mut verdict = if is_complete {
            Self::Good
        } else {
            Self::CouldNotCheck
        };
        for kind in findings {
            match kind {
                Severity::DishonestOrBroken => return Self::DishonestOrBroken,
                Severity::DoNotRelease => verdict = Self::DoNotRelease,
                Severity::CouldNotCheck if verdict == Self::DoNotRelease => {}
                Severity::CouldNotCheck => verdict = Self::CouldNotCheck,
            }
        }
        verdict
    }

    /// 0 good, 1 dishonest or broken or not to be released on, 2 could not check.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::DishonestOrBroken | Self::DoNotRelease => 1,
            Self::CouldNotCheck => 2,
        }
    }

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::DishonestOrBroken => "dishonest-or-broken",
            Self::DoNotRelease => "do-not-release",
            Self::CouldNotCheck => "could-not-check",
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Good => "GOOD",
            Self::DishonestOrBroken => "DISHONEST OR BROKEN",
            Self::DoNotRelease => "DO NOT RELEASE",
            Self::CouldNotCheck => "COULD NOT CHECK",
        }
    }
}

impl Severity {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DishonestOrBroken => Verdict::DishonestOrBroken.as_str(),
            Self::DoNotRelease => Verdict::DoNotRelease.as_str(),
            Self::CouldNotCheck => Verdict::CouldNotCheck.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Severity, Verdict};

    #[test]
    fn one_wrong_thing_outweighs_everything() {
        let (wrong, unknown, stop) = (
            Severity::DishonestOrBroken,
            Severity::CouldNotCheck,
            Severity::DoNotRelease,
        );
        assert_eq!(Verdict::of([], true), Verdict::Good);
        assert_eq!(Verdict::of([], false), Verdict::CouldNotCheck);
        assert_eq!(Verdict::of([unknown], true), Verdict::CouldNotCheck);
        assert_eq!(
            Verdict::of([unknown, wrong, unknown], false),
            Verdict::DishonestOrBroken
        );
        assert_eq!(
            Verdict::of([unknown, stop, unknown], true),
            Verdict::DoNotRelease
        );
        assert_eq!(Verdict::of([stop, wrong], true), Verdict::DishonestOrBroken);
        let all = [
            Verdict::Good,
            Verdict::DishonestOrBroken,
            Verdict::DoNotRelease,
            Verdict::CouldNotCheck,
        ];
        assert_eq!(all.map(Verdict::exit_code), [0, 1, 1, 2]);
    }
}
