//! Reading the catalog. What is being forgotten is not found from its erasure row on.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::composed::Composed;
use super::rows::{ENTRY_COLUMNS, read_entry, read_row};
use super::{CHUNK, Catalog, Row, packed, push_ids};
use crate::error::Error;
use crate::id::Id;
use crate::moment::Entry;
use crate::query::{Filter, check_size};
use crate::terms::Owner;

/// SQLite takes the tables of a CROSS JOIN in this order. By time, by device or by id, a search starts with the moments.
const FROM_MOMENTS: &str = " FROM moments m CROSS JOIN recordings r \
     WHERE r.moment = m.id AND m.erasure IS NULL AND r.erasure IS NULL";

const FROM_RECORDINGS: &str = " FROM recordings r JOIN moments m ON m.id = r.moment \
     WHERE r.erasure IS NULL AND m.erasure IS NULL";

/// How much is kept.
pub(crate) struct Counts {
    pub(crate) recordings: u64,
    /// Of all payloads, sealed.
    pub(crate) bytes: u64,
    /// How many payloads lie in the blob store.
    pub(crate) payloads: u64,
}

impl Catalog {
    /// What a filter finds, oldest first: by the start of the moment, then the moment, then the recording.
    /// Rows that cannot be read are named in their place.
    pub(crate) async fn find(&self, filter: &Filter) -> Result<Vec<Result<Entry, Error>>, Error> {
        check_size(filter)?;
        if let Some(entries) = self.fetch_packed(packed_newest_first(filter)).await? {
            return Ok(entries.into_iter().map(Ok).collect());
        }
        let mut rows = newest_first(filter).once().fetch_all(&self.readers).await?;
        rows.reverse();
        self.entries(&rows).await
    }

    /// The moments that a filter finds: those of every recording it finds, and those of which only what was made from
    /// them is left.
    pub(crate) async fn find_moments(&self, filter: &Filter) -> Result<BTreeSet<Id>, Error> {
        check_size(filter)?;
        let mut query = with_asked(filter);
        query.push(
            "SELECT DISTINCT m.id FROM moments m LEFT JOIN recordings r ON r.moment = m.id AND r.erasure IS NULL \
             WHERE m.erasure IS NULL",
        );
        push_filter(&mut query, filter);
        let found: Vec<i64> = query.once_scalar().fetch_all(&self.readers).await?;
        Ok(found.into_iter().map(Id::from_db).collect())
    }

    /// For each id of a moment or a recording, its moment. Ids of neither are missing.
    pub(crate) async fn moments_of(&self, ids: &[Id]) -> Result<HashMap<Id, Id>, Error> {
        let mut moments = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut query =
                QueryBuilder::new("SELECT id, id AS moment FROM moments WHERE erasure IS NULL AND id IN ");
            push_ids(&mut query, chunk);
            query.push(" UNION ALL SELECT id, moment FROM recordings WHERE erasure IS NULL AND id IN ");
            push_ids(&mut query, chunk);
            let found: Vec<(i64, i64)> = query.once_as().fetch_all(&self.readers).await?;
            moments.extend(found.into_iter().map(|(id, moment)| (Id::from_db(id), Id::from_db(moment))));
        }
        Ok(moments)
    }

    /// Recordings with all that is needed to open them, by id; those that are not there are missing,
    /// those that cannot be read are named.
    pub(crate) async fn rows(&self, ids: &[Id]) -> Result<HashMap<Id, Result<Row, Error>>, Error> {
        let mut rows = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut query = QueryBuilder::new("SELECT ");
            query.push(ENTRY_COLUMNS).push(", r.digest, r.header, r.payload, r.blob").push(FROM_RECORDINGS);
            query.push(" AND r.id IN ");
            push_ids(&mut query, chunk);
            let found = query.once().fetch_all(&self.readers).await?;
            let mut sources = self.sources_of(&ids_of(&found)?).await?;
            for row in &found {
                let id = Id::from_db(row.try_get("id")?);
                let read = read_row(row).map(|mut row| {
                    row.entry.sources = sources.remove(&id).unwrap_or_default();
                    row
                });
                rows.insert(id, read);
            }
        }
        Ok(rows)
    }

    /// What ids of recordings or moments name of what these erasures take.
    pub(crate) async fn hidden(
        &self,
        erasures: &[u64],
        ids: &[Id],
    ) -> Result<Vec<Result<Entry, Error>>, Error> {
        let mut found = Vec::new();
        for erasure in erasures {
            for chunk in ids.chunks(CHUNK) {
                let mut query = QueryBuilder::new("SELECT ");
                query
                    .push(ENTRY_COLUMNS)
                    .push(" FROM recordings r JOIN moments m ON m.id = r.moment WHERE r.erasure = ");
                query.push_bind(erasure.cast_signed()).push(" AND (r.id IN ");
                push_ids(&mut query, chunk);
                query.push(" OR r.moment IN ");
                push_ids(&mut query, chunk);
                query.push(")");
                let rows = query.once().fetch_all(&self.readers).await?;
                found.extend(self.entries(&rows).await?);
            }
        }
        Ok(found)
    }

    /// How much is kept: counted by the database, which is the same work however much it is to read.
    pub(crate) async fn kept(&self) -> Result<Counts, Error> {
        let (recordings, bytes, payloads): (i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COALESCE(SUM(size), 0), COUNT(blob) FROM recordings WHERE erasure IS NULL",
        )
        .fetch_one(&self.readers)
        .await?;
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        Ok(Counts { recordings: number(recordings), bytes: number(bytes), payloads: number(payloads) })
    }

    /// How many recordings are kept that need a key of these ids: their own, or that of a moment they were made from.
    pub(crate) async fn count_on(&self, ids: &[RangeInclusive<Id>]) -> Result<u64, Error> {
        let mut query = QueryBuilder::new(
            "SELECT COUNT(DISTINCT s.recording) FROM sources s JOIN recordings r ON r.id = s.recording \
             WHERE r.erasure IS NULL AND (0 = 1",
        );
        for range in ids {
            for column in [" OR s.recording BETWEEN ", " OR s.moment BETWEEN "] {
                query
                    .push(column)
                    .push_bind(range.start().to_db())
                    .push(" AND ")
                    .push_bind(range.end().to_db());
            }
        }
        query.push(")");
        let count: i64 = query.once_scalar().fetch_one(&self.readers).await?;
        Ok(count.unsigned_abs())
    }

    /// What these recordings are, oldest first.
    pub(crate) async fn entries_by_id(&self, ids: &[Id]) -> Result<Vec<Result<Entry, Error>>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut query = QueryBuilder::new("");
            packed::begin(&mut query);
            query.push("SELECT ").push(packed::COLUMNS).push(FROM_RECORDINGS).push(" AND r.id IN ");
            push_ids(&mut query, chunk);
            packed::end(&mut query);
            if let Some(entries) = self.fetch_packed(query).await? {
                found.extend(entries.into_iter().map(Ok));
                continue;
            }
            let mut query = QueryBuilder::new("SELECT ");
            query.push(ENTRY_COLUMNS).push(FROM_RECORDINGS).push(" AND r.id IN ");
            push_ids(&mut query, chunk);
            let rows = query.once().fetch_all(&self.readers).await?;
            found.extend(self.entries(&rows).await?);
        }
        found.sort_by_key(|entry| match entry {
            Ok(entry) => (entry.start, entry.moment, entry.id),
            Err(_) => (Timestamp::MAX, Id(u64::MAX), Id(u64::MAX)),
        });
        Ok(found)
    }

    /// The moments that these ones asked for, as far as they are not among them.
    pub(crate) async fn effects_of(&self, moments: &BTreeSet<Id>) -> Result<BTreeSet<Id>, Error> {
        let moments: Vec<Id> = moments.iter().copied().collect();
        let mut effects = BTreeSet::new();
        for chunk in moments.chunks(CHUNK) {
            let mut query =
                QueryBuilder::new("SELECT id FROM moments WHERE erasure IS NULL AND caused_by IN ");
            push_ids(&mut query, chunk);
            let found: Vec<i64> = query.once_scalar().fetch_all(&self.readers).await?;
            effects.extend(found.into_iter().map(Id::from_db));
        }
        Ok(effects.into_iter().filter(|effect| moments.binary_search(effect).is_err()).collect())
    }

    /// The recordings that opening these moments' own recordings depends on: every source of every recording in them.
    pub(crate) async fn closure(&self, moments: &[Id]) -> Result<BTreeSet<Id>, Error> {
        let mut closed: BTreeSet<Id> = moments.iter().copied().collect();
        for chunk in moments.chunks(CHUNK) {
            let mut query = QueryBuilder::new(
                "SELECT DISTINCT s.moment FROM sources s JOIN recordings r ON r.id = s.recording WHERE r.moment IN ",
            );
            push_ids(&mut query, chunk);
            let found: Vec<i64> = query.once_scalar().fetch_all(&self.readers).await?;
            closed.extend(found.into_iter().map(Id::from_db));
        }
        Ok(closed)
    }

    /// The recording that holds the detail of each of these ledger lines, as far as it is kept.
    pub(crate) async fn details_of(&self, commitments: &[[u8; 32]]) -> Result<HashMap<Vec<u8>, Id>, Error> {
        let mut details = HashMap::new();
        for chunk in commitments.chunks(CHUNK) {
            let mut query = QueryBuilder::new(
                "SELECT commitment, id FROM recordings WHERE erasure IS NULL AND commitment IN (",
            );
            let mut list = query.separated(", ");
            for commitment in chunk {
                list.push_bind(commitment.to_vec());
            }
            query.push(")");
            let found: Vec<(Vec<u8>, i64)> = query.once_as().fetch_all(&self.readers).await?;
            details.extend(found.into_iter().map(|(commitment, id)| (commitment, Id::from_db(id))));
        }
        Ok(details)
    }

    /// Which of these blobs belong to a recording, one that is being forgotten included.
    pub(crate) async fn known_blobs(&self, names: &[String]) -> Result<BTreeSet<String>, Error> {
        let mut known = BTreeSet::new();
        for chunk in names.chunks(CHUNK) {
            let mut query = QueryBuilder::new("SELECT blob FROM recordings WHERE blob IN (");
            let mut list = query.separated(", ");
            for name in chunk {
                list.push_bind(name.as_str());
            }
            query.push(")");
            known.extend(query.once_scalar::<String>().fetch_all(&self.readers).await?);
        }
        Ok(known)
    }

    async fn entries(&self, rows: &[SqliteRow]) -> Result<Vec<Result<Entry, Error>>, Error> {
        let mut sources = self.sources_of(&ids_of(rows)?).await?;
        let read = |row: &SqliteRow| {
            read_entry(row)
                .map(|entry| Entry { sources: sources.remove(&entry.id).unwrap_or_default(), ..entry })
        };
        Ok(rows.iter().map(read).collect())
    }

    async fn sources_of(&self, recordings: &[Id]) -> Result<HashMap<Id, Vec<Id>>, Error> {
        let mut sources: HashMap<Id, Vec<Id>> = HashMap::with_capacity(recordings.len());
        for chunk in recordings.chunks(CHUNK) {
            let mut query = QueryBuilder::new("SELECT recording, moment FROM sources WHERE recording IN ");
            push_ids(&mut query, chunk);
            query.push(" ORDER BY recording, moment");
            let found: Vec<(i64, i64)> = query.once_as().fetch_all(&self.readers).await?;
            for (recording, moment) in found {
                sources.entry(Id::from_db(recording)).or_default().push(Id::from_db(moment));
            }
        }
        Ok(sources)
    }
}

fn ids_of(rows: &[SqliteRow]) -> Result<Vec<Id>, Error> {
    rows.iter().map(|row| Ok(Id::from_db(row.try_get("id")?))).collect()
}

/// The query for what a filter finds, newest first, so that a limit leaves out the oldest.
fn newest_first(filter: &Filter) -> QueryBuilder<Sqlite> {
    let mut query = with_asked(filter);
    push_newest_first(&mut query, filter, ENTRY_COLUMNS);
    query
}

/// The same, for [`Catalog::fetch_packed`].
fn packed_newest_first(filter: &Filter) -> QueryBuilder<Sqlite> {
    let mut query = with_asked(filter);
    packed::begin(&mut query);
    push_newest_first(&mut query, filter, packed::COLUMNS);
    packed::end(&mut query);
    query
}

fn push_newest_first(query: &mut QueryBuilder<Sqlite>, filter: &Filter, columns: &str) {
    query.push("SELECT ").push(columns).push(FROM_MOMENTS);
    push_filter(query, filter);
    query.push(" ORDER BY m.started DESC, m.id DESC, r.id DESC");
    if let Some(limit) = filter.limit {
        query.push(" LIMIT ").push_bind(i64::from(limit));
    }
}

/// Begins a query; the ids of the filter, if it has any, are its table `asked`.
fn with_asked(filter: &Filter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("");
    if !filter.ids.is_empty() {
        query.push("WITH asked (id) AS (");
        query.push_values(&filter.ids, |mut row, id| {
            row.push_bind(id.to_db());
        });
        query.push(") ");
    }
    query
}

/// Appends the conditions of a filter on `m` and `r`, its limit excepted. `r` may be NULL.
fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    if !filter.ids.is_empty() {
        // The first condition finds the few moments, the second is what was asked.
        query.push(
            " AND m.id IN (SELECT id FROM asked \
             UNION SELECT moment FROM recordings WHERE id IN (SELECT id FROM asked)) \
             AND (m.id IN (SELECT id FROM asked) OR r.id IN (SELECT id FROM asked))",
        );
    }
    push_names(query, "m.device", filter.devices.iter().map(String::as_str));
    push_names(query, "m.room", filter.rooms.iter().map(String::as_str));
    push_names(query, "m.person", filter.persons.iter().map(String::as_str));
    push_names(query, "r.kind", filter.kinds.iter().map(|kind| kind.as_str()));
    push_owners(query, &filter.owners);
    if filter.kinds.is_empty() && filter.ids.is_empty() {
        query.push(" AND (r.kind IS NULL OR r.kind NOT IN ('look', 'line'))");
    }
    if let Some(from) = filter.from {
        // A moment without length lies in [from, to) when it starts there. The first condition follows from the second, and is
        // what an index can look for: without it, a day would be sought among all that came before it.
        let from = from.as_microsecond();
        query.push(" AND m.started >= ").push_bind(from);
        query.push(" - (SELECT MAX(ended - started) FROM moments)");
        query.push(" AND (m.ended > ").push_bind(from).push(" OR m.started >= ").push_bind(from).push(")");
    }
    if let Some(to) = filter.to {
        query.push(" AND m.started < ").push_bind(to.as_microsecond());
    }
}

fn push_names<'a>(query: &mut QueryBuilder<Sqlite>, column: &str, names: impl Iterator<Item = &'a str>) {
    let mut names = names.peekable();
    if names.peek().is_none() {
        return;
    }
    query.push(" AND ").push(column).push(" IN (");
    let mut list = query.separated(", ");
    for name in names {
        list.push_bind(name.to_owned());
    }
    query.push(")");
}

fn push_owners(query: &mut QueryBuilder<Sqlite>, owners: &[Owner]) {
    if owners.is_empty() {
        return;
    }
    // The household's have no owner in their row; a moment of which nothing but its row is left is nobody's.
    query.push(" AND r.id IS NOT NULL AND (r.owner IN (");
    let mut list = query.separated(", ");
    for owner in owners {
        if let Owner::Person(person) = owner {
            list.push_bind(person.clone());
        }
    }
    query.push(")");
    if owners.contains(&Owner::Household) {
        query.push(" OR r.owner IS NULL");
    }
    query.push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_day_is_looked_for_by_both_of_its_ends() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).await.unwrap();
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let day = Filter { from: at(1_800_000_000), to: at(1_800_086_400), ..Filter::default() };
        let of_device = Filter { devices: vec!["porch".into()], ..day.clone() };
        let of_person = Filter { persons: vec!["ann".into()], limit: Some(100), ..day.clone() };
        for (filter, index) in [
            (day, "moments_by_time (started>? AND started<?)"),
            (of_device, "moments_by_device (device=? AND started>? AND started<?)"),
            (of_person, "moments_by_person (person=? AND started>? AND started<?)"),
        ] {
            let packed = packed_newest_first(&filter);
            let explain = format!("EXPLAIN QUERY PLAN {}", packed.sql().as_str());
            let steps = sqlx::query(sqlx::AssertSqlSafe(explain)).fetch_all(&catalog.readers).await.unwrap();
            let plan: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
            assert!(plan.iter().any(|step| step.ends_with(index)), "{plan:#?}");
            assert!(
                plan.iter().all(|step| !step.starts_with("SCAN") || step == "SCAN (subquery-3)"),
                "{plan:#?}"
            );
        }
    }
}
