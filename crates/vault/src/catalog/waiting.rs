//! What waits for the end of a hold to be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{QueryBuilder, SqliteConnection};

use super::composed::Composed;
use super::{CHUNK, Catalog, push_ids};
use crate::error::Error;
use crate::id::Id;

/// Moments that wait for the end of a hold, by why they are to be forgotten and who wants it.
pub(crate) type Waiting = BTreeMap<(String, String), BTreeSet<Id>>;

impl Catalog {
    /// Notes moments that are to be forgotten as soon as no hold keeps them, durable when this returns.
    pub(crate) async fn wait_for_release(
        &self,
        moments: &BTreeSet<Id>,
        reason: &str,
        asked_by: &str,
    ) -> Result<(), Error> {
        let moments: Vec<Id> = moments.iter().copied().collect();
        let mut transaction = self.begin().await?;
        insert_waiting(&mut transaction, &moments, reason, asked_by).await?;
        self.commit(transaction).await
    }

    /// What waits for the end of a hold.
    pub(crate) async fn waiting(&self) -> Result<Waiting, Error> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT w.moment, w.reason, w.asked_by FROM waiting w \
             JOIN moments m ON m.id = w.moment WHERE m.erasure IS NULL",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut waiting = Waiting::new();
        for (moment, reason, by) in rows {
            waiting.entry((reason, by)).or_default().insert(Id::from_db(moment));
        }
        Ok(waiting)
    }
}

/// Notes moments that are to be forgotten as soon as no hold keeps them.
pub(super) async fn insert_waiting(
    connection: &mut SqliteConnection,
    moments: &[Id],
    reason: &str,
    asked_by: &str,
) -> Result<(), Error> {
    for chunk in moments.chunks(CHUNK) {
        let mut query = QueryBuilder::new("INSERT INTO waiting (moment, reason, asked_by) SELECT id, ");
        query.push_bind(reason).push(", ").push_bind(asked_by);
        query.push(" FROM moments WHERE erasure IS NULL AND id IN ");
        push_ids(&mut query, chunk);
        query.push(" ON CONFLICT (moment) DO NOTHING");
        query.once().execute(&mut *connection).await?;
    }
    Ok(())
}
