//! Bringing a database up to date, and telling one of a newer release from one whose list of migrations rotted.

use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{self, MigrateError, MigrationType, Migrator};
use sqlx::sqlite::SqlitePool;

use crate::database_error::is_damaged;

/// What brings a database from one release to a later one.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// By which they are put in order, and known in the database.
    pub version: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its statements. By their hash it is known whether a database was made by them.
    pub sql: &'static str,
}

/// Why a database cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// It was brought further by a newer release.
    #[error("a newer release has brought it to version {found}, and this one knows up to {known}")]
    Newer {
        /// Its version.
        found: u64,
        /// The newest that this release knows.
        known: u64,
    },
    /// It is damaged: what it says of its migrations makes no sense, or one of them finds something else than the one before left.
    #[error("{0}")]
    Damaged(String),
    /// The database failed.
    #[error(transparent)]
    Failed(#[from] sqlx::Error),
}

/// Brings a database up to date.
///
/// # Errors
/// See [`MigrationError`].
pub async fn migrate(migrations: &[Migration], pool: &SqlitePool) -> Result<(), MigrationError> {
    /// The statement makes no sense for what there is.
    const SQLITE_ERROR: u32 = 1;

    let embedded = |&Migration { version, name, sql }: &Migration| {
        migrate::Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            SqlStr::from_static(sql),
            false,
        )
    };
    let migrator = Migrator::with_migrations(migrations.iter().map(embedded).collect());
    let why = match migrator.run(pool).await {
        Ok(()) => return Ok(()),
        Err(why) => why,
    };
    match why {
        MigrateError::VersionMissing(found) if has_all(&migrator, pool).await => {
            let known = migrator.iter().map(|migration| migration.version.unsigned_abs()).max().unwrap_or(0);
            Err(MigrationError::Newer { found: found.unsigned_abs(), known })
        }
        MigrateError::Execute(why) | MigrateError::ExecuteMigration(why, _) => {
            let code = why.as_database_error().and_then(|why| why.code()?.parse::<u32>().ok());
            match is_damaged(&why) || code == Some(SQLITE_ERROR) {
                true => Err(MigrationError::Damaged(why.to_string())),
                false => Err(MigrationError::Failed(why)),
            }
        }
        why => Err(MigrationError::Damaged(why.to_string())),
    }
}

/// A newer release has made every migration that this one knows, and more. Where one of these is missing, its row became another.
async fn has_all(migrator: &Migrator, pool: &SqlitePool) -> bool {
    let made = sqlx::query_scalar::<_, i64>("SELECT version FROM _sqlx_migrations").fetch_all(pool).await;
    made.is_ok_and(|made| migrator.iter().all(|migration| made.contains(&migration.version)))
}
