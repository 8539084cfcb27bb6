//! Tables of codes, and sets of places in them.

/// Most codes of one kind in a pack: a set of them is one [`Bits`]. The town has a dozen of each.
pub(crate) const CODES_MAX: usize = 128;

/// Something a pack knows under a code.
pub(crate) trait Coded {
    /// The code.
    fn code(&self) -> &str;
}

/// Where a code stands in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place(u8);

/// A set of places in one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bits(u128);

impl Bits {
    pub(crate) const fn one(place: Place) -> Self {
        Self(1 << place.0)
    }

    pub(crate) const fn with(self, place: Place) -> Self {
        Self(self.0 | 1 << place.0)
    }

    pub(crate) const fn contains(self, place: Place) -> bool {
        self.0 & (1 << place.0) != 0
    }

    pub(crate) const fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a pack knows of one kind: in the order of the file, each code once.
#[derive(Debug)]
pub(crate) struct Codes<T> {
    items: Vec<T>,
    /// Places in `items`, sorted by code.
    by_code: Vec<u8>,
}

/// Why items do not make a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TableError {
    /// None, or more than [`CODES_MAX`]: how many there are.
    Count(usize),
    /// A code stands in it twice.
    Duplicate(String),
}

impl<T: Coded> Codes<T> {
    pub(crate) fn new(items: Vec<T>) -> Result<Self, TableError> {
        if items.is_empty() || items.len() > CODES_MAX {
            return Err(TableError::Count(items.len()));
        }
        let mut sorted: Vec<(u8, &str)> =
            (0..=u8::MAX).zip(items.iter().map(Coded::code)).collect();
        sorted.sort_by_key(|(_, code)| *code);
        let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
        if let Some(((_, twice), _)) = pairs.find(|((_, one), (_, next))| one == next) {
            return Err(TableError::Duplicate((*twice).to_owned()));
        }
        let by_code = sorted.into_iter().map(|(place, _)| place).collect();
        Ok(Self { items, by_code })
    }

    pub(crate) fn place(&self, code: &str) -> Option<Place> {
        let found = self
            .by_code
            .binary_search_by(|place| self.at(Place(*place)).code().cmp(code))
            .ok()?;
        self.by_code.get(found).copied().map(Place)
    }

    /// Places come from this table or from one of the same pack with the same codes, so there is
    /// always an item.
    #[expect(
        clippy::indexing_slicing,
        reason = "a place is made by this table or by one with the same codes"
    )]
    pub(crate) fn at(&self, place: Place) -> &T {
        &self.items[usize::from(place.0)]
    }

    pub(crate) fn find(&self, code: &str) -> Option<&T> {
        self.place(code).map(|place| self.at(place))
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        (0..=u8::MAX).take(self.items.len()).map(Place)
    }

    /// The set of all places.
    pub(crate) fn all(&self) -> Bits {
        self.places().fold(Bits::default(), Bits::with)
    }

    /// The places in a set, in the order of the file.
    pub(crate) fn places_in(&self, bits: Bits) -> impl Iterator<Item = Place> {
        self.places().filter(move |place| bits.contains(*place))
    }

    /// The items in a set, in the order of the file.
    pub(crate) fn items_in(&self, bits: Bits) -> impl Iterator<Item = &T> {
        self.places_in(bits).map(|place| self.at(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Item(String);

    impl Coded for Item {
        fn code(&self) -> &str {
            &self.0
        }
    }

    fn table(codes: &[&str]) -> Result<Codes<Item>, TableError> {
        Codes::new(codes.iter().map(|code| Item((*code).to_owned())).collect())
    }

    #[test]
    fn codes_are_found_and_keep_the_order_of_the_file() {
        let table = table(&["b", "c", "a"]).unwrap();
        assert_eq!(
            table.items().iter().map(Coded::code).collect::<Vec<_>>(),
            ["b", "c", "a"]
        );
        for code in ["a", "b", "c"] {
            assert_eq!(table.find(code).map(Coded::code), Some(code));
        }
        assert!(table.place("d").is_none() && table.place("").is_none());
    }

    #[test]
    fn a_table_has_each_code_once_and_some_but_not_too_many() {
        assert_eq!(
            table(&["a", "b", "a"]).err(),
            Some(TableError::Duplicate("a".into()))
        );
        assert_eq!(table(&[]).err(), Some(TableError::Count(0)));
        let many: Vec<String> = (0..=CODES_MAX).map(|i| format!("c{i}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(table(&many).err(), Some(TableError::Count(CODES_MAX + 1)));
        let full = table(&many[..CODES_MAX]).unwrap();
        assert_eq!(full.items_in(full.all()).count(), CODES_MAX);
    }

    #[test]
    fn sets_know_what_they_contain() {
        let table = table(&["a", "b", "c"]).unwrap();
        let [a, b, c] = ["a", "b", "c"].map(|code| table.place(code).unwrap());
        let both = Bits::one(a).with(c);
        assert!(both.contains(a) && !both.contains(b));
        assert!(both.contains_all(Bits::one(c)) && !both.contains_all(Bits::one(c).with(b)));
        assert!(both.intersects(Bits::one(c).with(b)) && !both.intersects(Bits::one(b)));
        assert!(both.contains_all(Bits::default()) && !both.intersects(Bits::default()));
        assert_eq!(both.union(Bits::one(b)), table.all());
        assert_eq!(table.all().without(both), Bits::one(b));
        assert_eq!(both.intersection(Bits::one(b).with(c)), Bits::one(c));
        assert!(both.without(table.all()).is_empty() && !both.is_empty());
    }
}
