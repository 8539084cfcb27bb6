//! Places: in the log, and in a stream.

use std::fmt;

use super::IdError;
pub use akashi_tlog::merkle::{LeafIndex, TreeSize};

ordinals! {
    /// Place of a record in its stream, within an epoch: 1, 2, 3 ... without a gap.
    Seq;
}

versions! {
    /// Which tag key of a person is in force: 0 until she is given the first new one.
    Epoch(u32);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seq_begins_at_one_and_never_runs_over() {
        assert_eq!(Seq::new(0), None);
        assert_eq!(Seq::FIRST.value(), 1);
        assert_eq!(Seq::FIRST.previous(), None);
        assert_eq!(Seq::FIRST.next().previous(), Some(Seq::FIRST));
        assert_eq!(Seq::after(None), Seq::FIRST);
        assert_eq!(Seq::after(Some(Seq::FIRST)).value(), 2);
        assert_eq!(Seq::MAX.next(), Seq::MAX);
        assert_eq!(Seq::FIRST.upward().take(3).last(), Seq::new(3));
    }

    #[test]
    fn a_seq_has_one_spelling() {
        assert_eq!(Seq::parse("17"), Ok(Seq::FIRST.plus(16)));
        for bad in ["", "0", "01", "+1", "-1", "1 ", "18446744073709551616"] {
            assert!(Seq::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_last_epoch_has_none_after_it() {
        assert_eq!(Epoch::FIRST.next(), Some(Epoch::new(1)));
        assert_eq!(Epoch::new(u32::MAX).next(), None);
    }
}
