//! A recording as a row, and back.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::error::Error;
use crate::id::Id;
use crate::moment::Entry;
use crate::receipt::MARK_BYTES;
use crate::sealed::{Binding, SealedHeader};
use crate::terms::{Owner, Purpose};

/// The columns that [`read_entry`] reads, of `recordings r JOIN moments m`.
pub(super) const ENTRY_COLUMNS: &str = "r.id, r.moment, r.kind, m.device, m.room, m.person, m.started, m.ended, \
     r.owner, r.purpose, r.ends, m.caused_by, r.size, r.media_type";

/// A recording with all that is needed to open it, but the leaves.
pub(crate) struct Row {
    pub(crate) entry: Entry,
    pub(crate) digest: [u8; 32],
    pub(crate) header: SealedHeader,
    pub(crate) place: Place,
}

/// A recording to insert.
pub(crate) struct NewRow {
    pub(crate) row: Row,
    /// The first bytes of its payload, by which its remains can be recognised.
    pub(crate) mark: Option<[u8; MARK_BYTES]>,
    /// For the detail of a ledger line: its commitment.
    pub(crate) commitment: Option<[u8; 32]>,
    /// For the detail of a look's line: what the look was at.
    pub(crate) seen: Option<SeenBy>,
}

/// Which recordings a look was at.
pub(crate) struct SeenBy {
    pub(crate) how: String,
    pub(crate) recordings: Vec<Id>,
}

/// Where a payload lies.
pub(crate) enum Place {
    /// In the row itself.
    Inline(Vec<u8>),
    /// In the blob store, by this name.
    Blob(String),
}

impl Row {
    /// What the header is sealed to. Every fact that never changes is in it, so that an altered row does not open.
    pub(crate) fn binding(&self) -> Binding {
        let entry = &self.entry;
        let text = |text: &Option<String>| match text {
            Some(text) => [b"+", text.as_bytes()].concat(),
            None => Vec::new(),
        };
        let owner = match &entry.owner {
            Owner::Person(person) => Some(person.clone()),
            Owner::Household => None,
        };
        let facts: [&[u8]; 11] = [
            &entry.moment.get().to_be_bytes(),
            entry.kind.as_str().as_bytes(),
            &text(&entry.device),
            &text(&entry.room),
            &text(&entry.person),
            &entry.start.as_microsecond().to_be_bytes(),
            &entry.end.as_microsecond().to_be_bytes(),
            &text(&owner),
            entry.purpose.as_str().as_bytes(),
            &entry.ends.map(|at| at.as_microsecond().to_be_bytes().to_vec()).unwrap_or_default(),
            entry.media_type.as_bytes(),
        ];
        Binding::new(entry.id, &entry.sources, &self.digest, &facts)
    }

    /// The ids whose leaves the header is sealed under, in order: its own, then its sources ascending.
    pub(crate) fn leaf_ids(&self) -> impl Iterator<Item = Id> {
        std::iter::once(self.entry.id).chain(self.entry.sources.iter().copied())
    }
}

/// Reads [`ENTRY_COLUMNS`]. The sources are filled in by whoever asked.
pub(super) fn read_entry(row: &SqliteRow) -> Result<Entry, Error> {
    let id = Id::from_db(row.try_get("id")?);
    let broken = |what: &str| Error::damaged(id, format!("the catalog's {what} cannot be read"));
    let time = |column: &str| -> Result<Timestamp, Error> {
        let stored = row.try_get(column).map_err(|_| broken(column))?;
        Timestamp::from_microsecond(stored).map_err(|_| broken(column))
    };
    let text = |column: &str| row.try_get::<String, _>(column).map_err(|_| broken(column));
    let name = |column: &str| row.try_get::<Option<String>, _>(column).map_err(|_| broken(column));
    let ends = match row.try_get::<Option<i64>, _>("ends").map_err(|_| broken("ends"))? {
        Some(stored) => Some(Timestamp::from_microsecond(stored).map_err(|_| broken("ends"))?),
        None => None,
    };
    let (start, end) = (time("started")?, time("ended")?);
    Ok(Entry {
        id,
        moment: Id::from_db(row.try_get("moment").map_err(|_| broken("moment"))?),
        kind: text("kind")?.parse().map_err(|_| broken("kind"))?,
        device: name("device")?,
        room: name("room")?,
        person: name("person")?,
        start,
        end,
        seconds: end.duration_since(start).as_secs_f64(),
        owner: name("owner")?.map_or(Owner::Household, Owner::Person),
        purpose: Purpose::new(&text("purpose")?).map_err(|_| broken("purpose"))?,
        ends,
        sources: Vec::new(),
        caused_by: row
            .try_get::<Option<i64>, _>("caused_by")
            .map_err(|_| broken("caused_by"))?
            .map(Id::from_db),
        size: row.try_get::<i64, _>("size").map_err(|_| broken("size"))?.unsigned_abs(),
        media_type: text("media_type")?,
    })
}

/// Reads [`ENTRY_COLUMNS`] and `r.digest, r.header, r.payload, r.blob`.
pub(super) fn read_row(row: &SqliteRow) -> Result<Row, Error> {
    let entry = read_entry(row)?;
    let broken = |what: &str| Error::damaged(entry.id, format!("the catalog's {what} cannot be read"));
    let digest: Vec<u8> = row.try_get("digest").map_err(|_| broken("digest"))?;
    let header = row.try_get("header").map_err(|_| broken("header"))?;
    let payload = row.try_get("payload").map_err(|_| broken("payload"))?;
    let blob = row.try_get("blob").map_err(|_| broken("blob"))?;
    Ok(Row {
        digest: digest.try_into().map_err(|_| broken("digest"))?,
        header: SealedHeader(header),
        place: match (payload, blob) {
            (Some(payload), None) => Place::Inline(payload),
            (None, Some(blob)) => Place::Blob(blob),
            _ => return Err(broken("payload")),
        },
        entry,
    })
}
