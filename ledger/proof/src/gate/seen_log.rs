//! What a holder keeps of the log itself: the last head it has believed, and from where on it
//! releases after it was restored.
//!
//! ```text
//! akashi-seen-log/v1
//! log <origin>
//! head <size> <base64 root>     size 0 before the first
//! floor <size>                  permits below it are refused; `restored` until it is known
//! ```

use std::fmt;

use super::kept::GateRefused;
use super::lines::{Lines, NotTheFormat};
use crate::ids::{LeafIndex, TreeSize};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;
use akashi_tlog::merkle::Hash;
use akashi_tlog::merkle::consistency::TreeHead;

/// Longest file: an origin of 255 bytes and two numbers fit twice.
pub const SEEN_LOG_LEN_MAX: usize = 1024;

/// First line of the file.
const HEADER: &str = "akashi-seen-log/v1";

/// What is in place of the floor until it is known.
const RESTORED: &str = "restored";

/// From where on a holder releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Floor {
    /// Nothing it has released on is missing from this size on.
    From(TreeSize),
    /// What is missing is not known.
    Restored,
}

/// What a holder keeps of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenLog {
    origin: Origin,
    head: TreeHead,
    floor: Floor,
}

impl SeenLog {
    /// Of a holder that has released on nothing yet.
    pub const fn new(origin: Origin) -> Self {
        Self {
            origin,
            head: TreeHead {
                size: TreeSize::new(0),
                root: Hash::EMPTY_ROOT,
            },
            floor: Floor::From(TreeSize::new(0)),
        }
    }

    /// Which log.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The last head believed; of size 0 before the first.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// Whether nothing may be released before the holder has caught up.
    pub const fn is_restored(&self) -> bool {
        matches!(self.floor, Floor::Restored)
    }

    /// Says that what is kept was restored from an older state, or lost: numbers that were released
    /// on may be missing. Nothing is released until the holder has caught up, and never on what the
    /// log held then.
    pub const fn restored(&mut self) {
        self.floor = Floor::Restored;
    }

    /// Takes a head that was found to extend the last one.
    pub(super) const fn take(&mut self, head: TreeHead) {
        self.head = head;
        if self.is_restored() {
            self.floor = Floor::From(head.size);
        }
    }

    pub(super) const fn check_caught_up(&self) -> Result<(), GateRefused> {
        match self.floor {
            Floor::From(_) => Ok(()),
            Floor::Restored => Err(GateRefused::NotCaughtUp),
        }
    }

    pub(super) const fn check_floor(&self, index: LeafIndex) -> Result<(), GateRefused> {
        match self.floor {
            Floor::From(size) if size.contains(index) => Err(GateRefused::BeforeRestoring {
                index,
                floor: size.value(),
            }),
            Floor::From(_) => Ok(()),
            Floor::Restored => Err(GateRefused::NotCaughtUp),
        }
    }

    /// Reads what `Display` writes; one spelling only.
    ///
    /// # Errors
    /// [`NotTheFormat`] with the first line that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotTheFormat> {
        let mut lines = Lines::of(bytes, SEEN_LOG_LEN_MAX)?;
        lines.literal(HEADER)?;
        let [origin] = lines.fields("log")?;
        let origin = Origin::new(origin).map_err(|_| lines.wrong("`log <origin>`"))?;
        let [size, root] = lines.fields("head")?;
        let head = TreeHead {
            size: TreeSize::new(lines.number(size)?),
            root: Hash::from_bytes(lines.bytes(root)?),
        };
        let [floor] = lines.fields("floor")?;
        let floor = match floor {
            RESTORED => Floor::Restored,
            size => Floor::From(TreeSize::new(lines.number(size)?)),
        };
        if lines.is_done() {
            Ok(Self {
                origin,
                head,
                floor,
            })
        } else {
            Err(lines.wrong("the last line"))
        }
    }
}

impl fmt::Display for SeenLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = base64::standard::encode(self.head.root.as_bytes());
        writeln!(f, "{HEADER}\nlog {}", self.origin.as_str())?;
        writeln!(f, "head {} {root}", self.head.size)?;
        match self.floor {
            Floor::From(size) => writeln!(f, "floor {size}"),
            Floor::Restored => writeln!(f, "floor {RESTORED}"),
        }
    }
}
