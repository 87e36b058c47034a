//! What an error of a database says of its file, and of the disk that lies on.

use std::io::ErrorKind;

use sqlx::migrate::MigrateError;

/// Whether SQLite says that a file is damaged, or no database, or what stands in it makes no sense: neither a full disk nor one that is
/// out of reach.
pub fn is_damaged(error: &sqlx::Error) -> bool {
    let code = match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => return true,
        sqlx::Error::Database(error) => error.code(),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) => return is_damaged(error),
            _ => None,
        },
        _ => None,
    };
    // SQLITE_CORRUPT and SQLITE_NOTADB; what stands above the lowest byte says more of the same.
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 11 | 26))
}

/// Whether a database says that its disk could not be read or written.
pub fn is_of_disk(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| of_sqlite(&code).is_some()),
        _ => false,
    }
}

/// The lower byte of a result code of SQLite says what it is, whatever it was at.
pub(crate) fn of_sqlite(code: &str) -> Option<ErrorKind> {
    match code.parse::<u32>().ok()? & 0xff {
        8 => Some(ErrorKind::ReadOnlyFilesystem),
        10 => Some(ErrorKind::Other),
        13 => Some(ErrorKind::StorageFull),
        14 => Some(ErrorKind::NotFound),
        _ => None,
    }
}
