//! Whether what was written last to a database reached its disk. A probe beside it may do well where the database's own file does not.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::disk::is_of_disk;

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
}

#[cfg(test)]
mod tests {
    use super::*;

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
