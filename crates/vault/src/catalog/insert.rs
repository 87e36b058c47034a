//! Writing what is kept.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};

use super::looks::insert_look;
use super::state::{microseconds, touch};
use super::{CHUNK, Catalog, NewRow, Place, push_ids};
use crate::error::Error;
use crate::id::Id;
use crate::keeping::Owner;
use crate::receipt::MARK_BYTES;

impl Catalog {
    /// Inserts one moment with all its recordings, in one durable transaction.
    ///
    /// Every other moment it stands on must still be there: the same transaction that would begin to forget one
    /// comes either before this one, which then fails, or after it, and then finds these recordings.
    ///
    /// `behind` is by how much the clock is behind, by which their ends were reckoned.
    pub(crate) async fn insert(
        &self,
        rows: &[NewRow],
        generation: u64,
        trusted: Option<Timestamp>,
        behind: Option<SignedDuration>,
    ) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        insert_into(&mut transaction, rows).await?;
        if let (Some(behind), Some(first)) = (behind, rows.first()) {
            sqlx::query("UPDATE recordings SET behind = $1 WHERE moment = $2")
                .bind(microseconds(behind))
                .bind(first.row.entry.moment.to_db())
                .execute(&mut *transaction)
                .await?;
        }
        touch(&mut transaction, rows.len(), generation, trusted).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The rows of one moment.
pub(super) async fn insert_into(connection: &mut SqliteConnection, rows: &[NewRow]) -> Result<(), Error> {
    let Some(first) = rows.first() else { return Ok(()) };
    let own = first.row.entry.moment;
    let mut others: BTreeSet<Id> =
        rows.iter().flat_map(|new| new.row.entry.sources.iter().copied()).collect();
    others.remove(&own);
    others.extend(first.row.entry.caused_by);
    check_live(connection, &others).await?;

    let moment = &first.row.entry;
    sqlx::query(
        "INSERT INTO moments (id, device, room, person, started, ended, caused_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(own.to_db())
    .bind(&moment.device)
    .bind(&moment.room)
    .bind(&moment.person)
    .bind(moment.start.as_microsecond())
    .bind(moment.end.as_microsecond())
    .bind(moment.caused_by.map(Id::to_db))
    .execute(&mut *connection)
    .await?;
    for new in rows {
        insert_recording(connection, new).await?;
    }
    Ok(())
}

async fn insert_recording(connection: &mut SqliteConnection, new: &NewRow) -> Result<(), Error> {
    let NewRow { row, mark, commitment, seen } = new;
    let entry = &row.entry;
    let owner = match &entry.owner {
        Owner::Person(person) => Some(person.as_str()),
        Owner::Household => None,
    };
    let (payload, blob) = match &row.place {
        Place::Inline(payload) => (Some(payload.as_slice()), None),
        Place::Blob(name) => (None, Some(name.as_str())),
    };
    sqlx::query(
        "INSERT INTO recordings \
         (id, moment, kind, owner, purpose, ends, media_type, size, digest, header, payload, blob, mark, commitment) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(entry.id.to_db())
    .bind(entry.moment.to_db())
    .bind(entry.kind.as_str())
    .bind(owner)
    .bind(entry.purpose.as_str())
    .bind(entry.ends.map(Timestamp::as_microsecond))
    .bind(&entry.media_type)
    .bind(entry.size.cast_signed())
    .bind(row.digest.as_slice())
    .bind(row.header.0.as_slice())
    .bind(payload)
    .bind(blob)
    .bind(mark.as_ref().map(<[u8; MARK_BYTES]>::as_slice))
    .bind(commitment.as_ref().map(<[u8; 32]>::as_slice))
    .execute(&mut *connection)
    .await?;
    for chunk in entry.sources.chunks(CHUNK) {
        let mut query = QueryBuilder::new("INSERT INTO sources (recording, moment) ");
        query.push_values(chunk, |mut tuple, source| {
            tuple.push_bind(entry.id.to_db()).push_bind(source.to_db());
        });
        query.build().execute(&mut *connection).await?;
    }
    match seen {
        Some(seen) => insert_look(connection, entry, seen).await,
        None => Ok(()),
    }
}

async fn check_live(connection: &mut SqliteConnection, moments: &BTreeSet<Id>) -> Result<(), Error> {
    let mut gone = moments.clone();
    let moments: Vec<Id> = moments.iter().copied().collect();
    for chunk in moments.chunks(CHUNK) {
        let mut query = QueryBuilder::new("SELECT id FROM moments WHERE erasure IS NULL AND id IN ");
        push_ids(&mut query, chunk);
        let live: Vec<i64> = query.build_query_scalar().fetch_all(&mut *connection).await?;
        for id in live {
            gone.remove(&Id::from_db(id));
        }
    }
    if gone.is_empty() { Ok(()) } else { Err(Error::SourceGone(gone.into_iter().collect())) }
}
