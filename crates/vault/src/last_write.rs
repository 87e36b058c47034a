//! Whether what was written last to a database reached its disk. A probe beside it may do well where the database's own file does not.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use crate::database_error::is_of_disk;
use crate::in_time::PATIENCE;

/// How the last transaction of a database ended.
#[derive(Debug, Default)]
pub struct LastWrite {
    failed: AtomicBool,
}

impl LastWrite {
    /// Notes how it ended. Only what the disk is to blame for counts as failed.
    pub fn ended(&self, how: Result<(), &sqlx::Error>) {
        self.failed.store(how.is_err_and(is_of_disk), Ordering::Release);
    }

    /// Notes that one could not even begin, where the disk is to blame.
    pub fn did_not_begin(&self, why: &sqlx::Error) {
        if is_of_disk(why) {
            self.ended(Err(why));
        }
    }

    /// Whether it failed, and none has done well since.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Why nothing can be written, where the last one failed and another, which means nothing, does too. A disk that hangs is waited for as
    /// long as any other is, and no longer: whoever asks wants to be told.
    pub async fn trouble<E: From<sqlx::Error>>(
        &self,
        another: impl Future<Output = Result<(), E>>,
    ) -> Option<E> {
        self.trouble_within(PATIENCE, another).await
    }

    async fn trouble_within<E: From<sqlx::Error>>(
        &self,
        patience: Duration,
        another: impl Future<Output = Result<(), E>>,
    ) -> Option<E> {
        if !self.failed() {
            return None;
        }
        let tried = timeout(patience, another).await;
        tried.unwrap_or_else(|_| Err(sqlx::Error::Io(io::Error::from(ErrorKind::TimedOut)).into())).err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_disk_that_hangs_keeps_nobody_waiting_who_asks_what_is_the_matter_with_it() {
        let last = LastWrite::default();
        let hangs = || std::future::pending::<Result<(), sqlx::Error>>();
        let asked = async |last: &LastWrite| last.trouble_within(Duration::from_millis(1), hangs()).await;
        assert!(asked(&last).await.is_none(), "nothing is tried where nothing failed");
        last.ended(Err(&sqlx::Error::Io(io::Error::other("EIO"))));
        let why = asked(&last).await.unwrap();
        let folder = std::path::PathBuf::from("/");
        let silent = crate::DiskTrouble::Silent(folder.clone());
        assert_eq!(crate::DiskTrouble::of_database(why, &folder), Some(silent));
        assert!(last.trouble(async { Ok::<(), sqlx::Error>(()) }).await.is_none());
    }

    #[test]
    fn a_write_that_the_disk_refused_counts_until_one_does_well() {
        let last = LastWrite::default();
        assert!(!last.failed());
        let disk = sqlx::Error::Io(std::io::Error::other("EIO"));
        last.did_not_begin(&sqlx::Error::RowNotFound);
        last.ended(Err(&sqlx::Error::RowNotFound));
        assert!(!last.failed(), "no disk is to blame");
        last.did_not_begin(&disk);
        last.did_not_begin(&sqlx::Error::RowNotFound);
        assert!(last.failed());
        last.ended(Ok(()));
        assert!(!last.failed());
        last.ended(Err(&disk));
        assert!(last.failed());
    }
}
