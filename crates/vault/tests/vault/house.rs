//! A household to try things in.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use age::x25519::Identity;
use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{
    Audience, Config, Ends, Error, Filter, Forgotten, Id, Kept, Kind, Line, Look, NewMoment, NewRecording,
    Owner, Purpose, Readers, Reason, Released, Selection, SetClock, Terms, Vault, Why,
};
use serde_json::json;
use sqlx::SqlitePool;
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) struct House {
    root: PathBuf,
    /// Gone with the house, where it was made for it.
    _folder: Option<TempDir>,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) ann: Identity,
}

impl House {
    pub(crate) fn new() -> House {
        House::within(tempfile::tempdir().unwrap())
    }

    /// Where durability is not what is tried: in memory, if there is a file system in memory.
    pub(crate) fn quick() -> House {
        House::within(quick_folder())
    }

    fn within(folder: TempDir) -> House {
        let start: Timestamp = "2026-11-01T08:00:00Z".parse().unwrap();
        let house = House::at(folder.path().to_owned(), Identity::generate(), start);
        House { _folder: Some(folder), ..house }
    }

    /// Ann's house in a folder that is there, at a time.
    pub(crate) fn at(root: PathBuf, ann: Identity, now: Timestamp) -> House {
        House { root, _folder: None, clock: Arc::new(SetClock::at(now)), ann }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("home")
    }

    pub(crate) fn config(&self) -> Config {
        Config { data: self.data(), strongboxes: vec![], clock: self.clock.clone() }
    }

    pub(crate) fn config_with(&self, strongboxes: &[&str]) -> Config {
        Config { strongboxes: strongboxes.iter().map(|name| self.path(name)).collect(), ..self.config() }
    }

    pub(crate) async fn create(&self) -> Vault {
        Vault::create(self.config(), "home").await.unwrap()
    }

    pub(crate) async fn open(&self) -> Vault {
        Vault::open(self.config()).await.unwrap()
    }

    /// The catalog of a vault that is closed, to bend it.
    pub(crate) async fn catalog(&self) -> SqlitePool {
        SqlitePool::connect(&format!("sqlite:{}", self.data().join("catalog.sqlite").display()))
            .await
            .unwrap()
    }

    pub(crate) fn for_ann(&self) -> Audience {
        Audience::people([self.ann.to_public().to_string()]).unwrap()
    }

    pub(crate) fn readers(&self) -> Readers {
        Readers { audience: self.for_ann(), until: self.after(400) }
    }

    /// A line of a kind, of what Ann did.
    pub(crate) fn line(&self, kind: &str) -> Line {
        Line { kind: kind.into(), detail: json!({ "who": "ann" }), readers: self.readers() }
    }

    pub(crate) fn after(&self, days: i64) -> Timestamp {
        use porchlight_vault::Clock;
        self.clock.now() + SignedDuration::from_hours(24 * days)
    }

    pub(crate) fn recording(&self, kind: Kind, days: i64, words: &str) -> NewRecording {
        let ends = Ends::At(self.after(days));
        let owner = Owner::Person("ann".into());
        NewRecording {
            kind,
            terms: Terms::new(owner, Purpose::new("history").unwrap(), ends).unwrap(),
            audience: self.for_ann(),
            media_type: "text/plain".into(),
            bytes: Zeroizing::new(words.as_bytes().to_vec()),
            sources: vec![],
        }
    }

    pub(crate) fn moment(&self, recordings: Vec<NewRecording>) -> NewMoment {
        use porchlight_vault::Clock;
        let now = self.clock.now();
        NewMoment {
            device: Some("kitchen-mic".into()),
            room: Some("kitchen".into()),
            person: Some("ann".into()),
            start: now,
            end: now + SignedDuration::from_secs(3),
            caused_by: None,
            recordings,
        }
    }

    /// Something said: its sound (too large to lie in a row) and its words, for a month.
    pub(crate) async fn say(&self, vault: &Vault, words: &str) -> Kept {
        let sound = words.repeat(40_000 / words.len() + 1);
        let recordings =
            vec![self.recording(Kind::Voice, 30, &sound), self.recording(Kind::Transcript, 30, words)];
        vault.keep(self.moment(recordings)).await.unwrap()
    }

    /// Something made from other moments.
    pub(crate) async fn derive(&self, vault: &Vault, sources: &[Id]) -> Kept {
        let mut recording = self.recording(Kind::Snapshot, 60, "made from others");
        recording.sources = sources.to_vec();
        vault.keep(self.moment(vec![recording])).await.unwrap()
    }

    pub(crate) fn look(&self) -> Look {
        Look { how: "view".into(), said: json!({ "by": "ann" }), readers: self.readers() }
    }

    /// Looks at recordings and fetches each.
    pub(crate) async fn release(&self, vault: &Vault, ids: &[Id]) -> Looked {
        release(vault, ids, self.look()).await.unwrap()
    }

    /// Opens with Ann's key what a look of one recording releases.
    pub(crate) async fn read(&self, vault: &Vault, id: Id) -> String {
        let looked = self.release(vault, &[id]).await;
        assert!(looked.failed.is_empty(), "{:?}", looked.failed);
        self.decrypt(&looked.released[0])
    }

    pub(crate) fn decrypt(&self, released: &Released) -> String {
        String::from_utf8(age::decrypt(&self.ann, &released.age_file()).unwrap()).unwrap()
    }

    pub(crate) fn why(&self) -> Why {
        Why { reason: Reason::Asked, by: "ann".into(), readers: self.readers(), stays: vec![] }
    }

    pub(crate) async fn forget(&self, vault: &Vault, ids: &[Id]) -> Forgotten {
        let plan = vault.plan(&Selection::Ids(ids.to_vec())).await.unwrap();
        vault.forget(&plan.token, &[], self.why()).await.unwrap()
    }

    pub(crate) fn copy_data(&self, to: &str) {
        copy(&self.data(), &self.path(to));
    }

    /// Puts a copy of the data folder back in its place.
    pub(crate) fn put_back(&self, from: &str) {
        std::fs::remove_dir_all(self.data()).unwrap();
        copy(&self.path(from), &self.data());
    }
}

/// What a look gave.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) line: u64,
    pub(crate) released: Vec<Released>,
    pub(crate) failed: Vec<(Id, Error)>,
}

/// Looks at recordings and fetches each, in the order of their ids.
pub(crate) async fn release(vault: &Vault, ids: &[Id], look: Look) -> Result<Looked, Error> {
    let pass = vault.look(ids, look).await?;
    let mut looked = Looked { line: pass.line(), released: Vec::new(), failed: Vec::new() };
    for id in pass.recordings() {
        match vault.fetch(&pass, id).await {
            Ok(released) => looked.released.push(released),
            Err(why) => looked.failed.push((id, why)),
        }
    }
    Ok(looked)
}

/// A folder whose fsyncs cost nothing, where there is one.
pub(crate) fn quick_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(crate) async fn ids(vault: &Vault) -> Vec<Id> {
    vault.list(&Filter::default()).await.unwrap().into_iter().map(|entry| entry.id).collect()
}

pub(crate) async fn close(vault: Vault) {
    vault.close().await.unwrap();
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            std::fs::copy(file.path(), target).unwrap();
        }
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if file.file_type().unwrap().is_dir() {
            found.extend(files(&file.path()));
        } else {
            found.push(file.path());
        }
    }
    found
}

/// The files below a folder that contain these bytes.
pub(crate) fn holding(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let holds =
        |path: &PathBuf| std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes);
    files(folder).into_iter().filter(holds).collect()
}
