//! Lines that the ledger is still to be told of what was done in one transaction with them.

use sqlx::SqliteConnection;

use super::Catalog;
use super::insert::{Writing, insert_written};
use crate::error::Error;
use crate::id::Id;

/// A line that comes with what it tells of.
pub(crate) struct OwedRow<'a> {
    /// What the ledger is to be told, with its mark.
    pub(crate) entry: Vec<u8>,
    /// The recording that holds its detail.
    pub(crate) detail: Writing<'a>,
}

impl Catalog {
    /// The lines that are owed, oldest first, each as it was marked and with the recording that holds its detail.
    pub(crate) async fn owed_lines(&self) -> Result<Vec<(Id, Vec<u8>)>, Error> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT detail, entry FROM owed_lines ORDER BY detail")
                .fetch_all(&self.readers)
                .await?;
        Ok(rows.into_iter().map(|(detail, entry)| (Id::from_db(detail), entry)).collect())
    }

    /// Notes that the ledger has been told.
    pub(crate) async fn line_is_told(&self, detail: Id) -> Result<(), Error> {
        sqlx::query("DELETE FROM owed_lines WHERE detail = $1")
            .bind(detail.to_db())
            .execute(self.writing().await?)
            .await?;
        Ok(())
    }
}

/// Writes down that a line is owed, with its detail.
pub(super) async fn owe(connection: &mut SqliteConnection, line: &OwedRow<'_>) -> Result<(), Error> {
    insert_written(connection, &line.detail).await?;
    for row in line.detail.rows {
        sqlx::query("INSERT INTO owed_lines (detail, entry) VALUES ($1, $2)")
            .bind(row.row.entry.id.to_db())
            .bind(line.entry.as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
