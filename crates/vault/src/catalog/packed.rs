//! Many entries in few rows.
//!
//! Each row that the database hands over wakes a thread and copies every column by itself, which for a day's thousands costs more
//! than finding them. So the entries of neighbouring ids come as one row of JSON. What cannot be read that way (a value that
//! was damaged) is read row by row, which names it.

use jiff::Timestamp;
use sqlx::{QueryBuilder, Sqlite};

use super::Catalog;
use super::composed::Composed;
use crate::error::Error;
use crate::id::Id;
use crate::moment::Entry;
use crate::terms::{Owner, Purpose};

/// How many ids share a row at most.
const TOGETHER: i64 = 1024;

/// The columns of a query that [`pack`] takes; of `recordings r` and `moments m`.
pub(super) const COLUMNS: &str = "r.id AS id, r.moment AS moment, r.kind AS kind, m.device AS device, m.room AS room, \
     m.person AS person, m.started AS started, m.ended AS ended, r.owner AS owner, r.purpose AS purpose, r.ends AS ends, \
     m.caused_by AS caused_by, r.size AS size, r.media_type AS media_type";

/// The values of [`COLUMNS`] and the sources, in that order.
type Packed = (
    i64,
    i64,
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    i64,
    Option<String>,
    String,
    Option<i64>,
    Option<i64>,
    i64,
    String,
    Vec<i64>,
);

/// Begins a query around one that selects [`COLUMNS`]; [`end`] ends it.
pub(super) fn begin(query: &mut QueryBuilder<Sqlite>) {
    query.push(
        "SELECT json_group_array(json_array(id, moment, kind, device, room, person, started, ended, owner, purpose, ends, \
         caused_by, size, media_type, \
         json((SELECT json_group_array(s.moment) FROM sources s WHERE s.recording = id)))) FROM (",
    );
}

/// Ends what [`begin`] began.
pub(super) fn end(query: &mut QueryBuilder<Sqlite>) {
    query.push(") GROUP BY id / ").push_bind(TOGETHER);
}

impl Catalog {
    /// Runs such a query. The order is that of [`Catalog::find`]. `None` when a value cannot be read.
    pub(super) async fn fetch_packed(
        &self,
        mut query: QueryBuilder<Sqlite>,
    ) -> Result<Option<Vec<Entry>>, Error> {
        let packs: Vec<String> = match query.once_scalar().fetch_all(&self.readers).await {
            Ok(packs) => packs,
            Err(sqlx::Error::ColumnDecode { .. }) => return Ok(None),
            Err(why) => return Err(why.into()),
        };
        let mut entries = Vec::new();
        for pack in packs {
            let Ok(pack) = serde_json::from_str::<Vec<Packed>>(&pack) else { return Ok(None) };
            for packed in pack {
                let Some(entry) = unpack(packed) else { return Ok(None) };
                entries.push(entry);
            }
        }
        entries.sort_unstable_by_key(|entry| (entry.start, entry.moment, entry.id));
        Ok(Some(entries))
    }
}

fn unpack(packed: Packed) -> Option<Entry> {
    let (
        id,
        moment,
        kind,
        device,
        room,
        person,
        started,
        ended,
        owner,
        purpose,
        ends,
        caused_by,
        size,
        media_type,
        sources,
    ) = packed;
    let time = |stored| Timestamp::from_microsecond(stored).ok();
    let (start, end) = (time(started)?, time(ended)?);
    let mut sources: Vec<Id> = sources.into_iter().map(Id::from_db).collect();
    sources.sort_unstable();
    Some(Entry {
        id: Id::from_db(id),
        moment: Id::from_db(moment),
        kind: kind.parse().ok()?,
        device,
        room,
        person,
        start,
        end,
        seconds: end.duration_since(start).as_secs_f64(),
        owner: owner.map_or(Owner::Household, Owner::Person),
        purpose: Purpose::new(&purpose).ok()?,
        ends: match ends {
            Some(ends) => Some(time(ends)?),
            None => None,
        },
        sources,
        caused_by: caused_by.map(Id::from_db),
        size: size.unsigned_abs(),
        media_type,
    })
}
