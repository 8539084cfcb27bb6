//! How many permits may wait to be released on: each uses up a gate of the holder's link, and what
//! nobody presents moves the numbers on for everybody.

/// Most permits of one requester about one person at one holder that are neither released on nor
/// over; emergencies have as many of their own. A ward round asks for a person's data once for each
/// kind and presents it at once; sixteen stay far below the 64 gates a holder looks ahead. One more
/// is refused and told so: the requester knows what it has. Released on or over, a permit counts no
/// more.
pub const OPEN_PERMITS_MAX: usize = 16;
