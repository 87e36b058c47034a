//! Writing what is kept.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use sqlx::{QueryBuilder, SqliteConnection};

use super::composed::Composed;
use super::looks::insert_look;
use super::state::{microseconds, touch};
use super::waiting::insert_waiting;
use super::{CHUNK, Catalog, NewRow, Place, push_ids};
use crate::error::Error;
use crate::id::Id;
use crate::reason::Reason;
use crate::receipt::MARK_BYTES;
use crate::terms::Owner;

impl Catalog {
    /// Inserts moments with all their recordings, in one durable transaction, in which other moments become done: they are to be
    /// forgotten as soon as no hold keeps them.
    ///
    /// Every other moment they stand on must still be there: the same transaction that would begin to forget one
    /// comes either before this one, which then fails, or after it, and then finds these recordings.
    pub(crate) async fn insert(&self, moments: &[Writing<'_>], done: &[Id]) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for moment in moments {
            insert_written(&mut transaction, moment).await?;
        }
        if !done.is_empty() {
            insert_waiting(&mut transaction, done, Reason::Done.as_str(), DONE_BY).await?;
        }
        self.commit(transaction).await
    }
}

/// Who has that forgotten which is done.
const DONE_BY: &str = "hub";

/// The rows of one moment, and what is written down with them.
pub(crate) struct Writing<'a> {
    pub(crate) rows: &'a [NewRow],
    /// Of the keyring, when it gave their keys.
    pub(crate) generation: u64,
    /// The time, where it is trusted.
    pub(crate) trusted: Option<Timestamp>,
    /// By how much the clock is behind, by which their ends were reckoned.
    pub(crate) behind: Option<SignedDuration>,
}

/// The rows of one moment, and what is written down with them.
pub(super) async fn insert_written(
    connection: &mut SqliteConnection,
    Writing { rows, generation, trusted, behind }: &Writing<'_>,
) -> Result<(), Error> {
    insert_into(connection, rows).await?;
    if let (Some(behind), Some(first)) = (behind, rows.first()) {
        sqlx::query("UPDATE recordings SET behind = $1 WHERE moment = $2")
            .bind(microseconds(*behind))
            .bind(first.row.entry.moment.to_db())
            .execute(&mut *connection)
            .await?;
    }
    let details = rows.iter().filter(|new| new.commitment.is_some()).count();
    touch(connection, rows.len(), details, *generation, *trusted).await
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
        query.once().execute(&mut *connection).await?;
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
        let live: Vec<i64> = query.once_scalar().fetch_all(&mut *connection).await?;
        for id in live {
            gone.remove(&Id::from_db(id));
        }
    }
    if gone.is_empty() { Ok(()) } else { Err(Error::SourceGone(gone.into_iter().collect())) }
}
