//! What the databases in the data folder say, changed behind the hub's back: as if time had gone by, or something had not happened.

use std::process::Command;

use jiff::Timestamp;

use crate::Home;

const CHANGE: &str = "import sqlite3, sys\n\
    db = sqlite3.connect(sys.argv[1], timeout=30)\n\
    db.execute(sys.argv[2], [int(value) for value in sys.argv[3:]])\n\
    db.commit()";

impl Home {
    /// Changes a database in the data folder by a statement; `values` are its numbers, in their order.
    pub fn sql(&self, database: &str, statement: &str, values: &[i64]) {
        let mut change = Command::new("python3");
        change.args(["-c", CHANGE]).arg(self.data().join(database)).arg(statement);
        let done = change.args(values.iter().map(i64::to_string)).status().expect("python3");
        assert!(done.success(), "{database}: {statement}");
    }

    /// As if a quarter of an hour had gone by for every session. Whoever can write to the database can do this, and not the reverse: the
    /// time that is written here would be fresh.
    pub fn grow_stale(&self) {
        let later = Timestamp::now().as_millisecond() + 60_000;
        self.sql("hub.sqlite", "UPDATE session SET fresh_ms = ?", &[later]);
    }

    /// As if no code of an authenticator had been used yet, so that nobody has to wait half a minute for the next.
    pub fn forget_used_codes(&self) {
        self.sql("hub.sqlite", "DELETE FROM used_code", &[]);
    }
}
