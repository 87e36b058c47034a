//! One life of a vault with a mirror, in which everything happens that a vault does.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use age::x25519::Identity;
use jiff::Timestamp;
use porchlight_vault::{Clock, Id, Kept, Kind, Mirror, Vault};

use crate::house::{DAY, House, close, release};
use crate::world::{Note, World, for_ann_and_hub, look};

/// Lives it in an empty folder; notes go to a file beside it.
pub(crate) async fn live(root: &Path, ann: Identity) {
    let notes = File::create(root.with_file_name("notes")).unwrap();
    let house = house_at(root, ann, "2026-11-01T08:00:00Z".parse().unwrap());
    let mut life = Life { house, notes, world: World::default(), ids: BTreeMap::new() };
    life.begins("create", |_| {});
    let vault = Vault::create(life.house.config_with(&STRONGBOXES), "home").await.unwrap();
    life.done();

    let talk = life.keep(&vault, "talk", &[(Kind::Voice, 7, 20_000), (Kind::Transcript, 30, 40)], &[]).await;
    let film = life.keep(&vault, "film", &[(Kind::Video, 30, 33_000)], &[]).await;
    life.keep(&vault, "learned", &[(Kind::Note, 60, 100)], &[talk.moment, film.moment]).await;
    life.keep(&vault, "summary", &[(Kind::Snapshot, 60, 18_000)], &[talk.moment]).await;
    life.look(&vault, &talk.recordings).await;

    life.begins("put a secret", |world| {
        world.secrets.insert("camera".into(), "hunter2".into());
    });
    vault.put_secret("camera", b"hunter2").await.unwrap();
    life.done();
    for version in 1..3 {
        let document = format!("the household, version {version}");
        life.begins("replace the household", |world| world.household = Some(document.clone()));
        vault.replace_household(version, document.as_bytes()).await.unwrap();
        life.done();
    }

    life.forget(&vault, &[film.moment], &["film/video", "learned/note"]).await;
    life.house.clock.advance(4 * DAY);
    life.begins("expire nothing", |_| {});
    assert_eq!(vault.expire(&life.house.readers()).await.unwrap().forgotten, None);
    life.done();
    life.house.clock.advance(4 * DAY);
    life.begins("expire", |world| {
        world.recordings.remove("talk/voice");
        world.lines.push("deletion".into());
    });
    let expiry = vault.expire(&life.house.readers()).await.unwrap();
    assert_eq!(expiry.forgotten.unwrap().recordings, talk.recordings[..1]);
    life.done();

    life.begins("close and open", |_| {});
    close(vault).await;
    let vault = Vault::open(life.house.config_with(&STRONGBOXES)).await.unwrap();
    life.done();

    let clips = [(Kind::Video, 30, 17_000), (Kind::Snapshot, 30, 19_000), (Kind::Transcript, 7, 10)];
    life.keep(&vault, "clips", &clips, &[]).await;
    life.forget(&vault, &[talk.moment], &["talk/transcript", "summary/snapshot"]).await;
    life.begins("forget a secret", |world| {
        world.secrets.remove("camera");
    });
    vault.forget_secret("camera").await.unwrap();
    life.done();
    life.begins("close", |_| {});
    close(vault).await;
    life.done();
}

/// The strongbox and its mirror.
pub(crate) const STRONGBOXES: [&str; 2] = ["home.strongbox", "stick"];

/// Ann's house below a folder, at a time.
pub(crate) fn house_at(root: &Path, ann: Identity, now: Timestamp) -> House {
    House::at(root.to_owned(), ann, now)
}

struct Life {
    house: House,
    notes: File,
    world: World,
    ids: BTreeMap<String, Id>,
}

impl Life {
    async fn keep(
        &mut self,
        vault: &Vault,
        device: &str,
        recordings: &[(Kind, i64, usize)],
        sources: &[Id],
    ) -> Kept {
        let mut new = Vec::new();
        let mut words = Vec::new();
        for (kind, days, length) in recordings {
            let said = format!("{device} {kind} ").repeat(length / 10)[..*length].to_owned();
            let mut recording = self.house.recording(*kind, *days, &said);
            recording.sources = sources.to_vec();
            if *kind == Kind::Note {
                recording.audience = for_ann_and_hub(&self.house);
            }
            new.push(recording);
            words.push((format!("{device}/{kind}"), said));
        }
        let mut moment = self.house.moment(new);
        moment.device = Some(device.into());
        self.begins("keep", |world| world.recordings.extend(words.iter().cloned()));
        let kept = vault.keep(moment).await.unwrap();
        self.ids.extend(words.into_iter().map(|(key, _)| key).zip(kept.recordings.iter().copied()));
        self.done();
        kept
    }

    async fn look(&mut self, vault: &Vault, recordings: &[Id]) {
        self.begins("look", |world| world.lines.push("look".into()));
        release(vault, recordings, look(&self.house)).await.unwrap();
        self.done();
    }

    async fn forget(&mut self, vault: &Vault, ids: &[Id], gone: &[&str]) {
        self.begins("forget", |world| {
            world.recordings.retain(|key, _| !gone.contains(&key.as_str()));
            world.lines.push("deletion".into());
        });
        let forgotten = self.house.forget(vault, ids).await;
        assert_eq!(forgotten.recordings.len(), gone.len());
        assert!(forgotten.mirrors.iter().all(|state| matches!(state.mirror, Mirror::Acknowledged { .. })));
        self.done();
    }

    fn begins(&mut self, what: &str, change: impl FnOnce(&mut World)) {
        change(&mut self.world);
        let after = self.world.clone();
        self.say(&Note::Begins { what: what.into(), now: self.house.clock.now(), after });
    }

    fn done(&mut self) {
        self.say(&Note::Done { ids: self.ids.clone() });
    }

    /// One write for each note, so that it is one call of the film.
    fn say(&self, note: &Note) {
        (&self.notes).write_all(&serde_json::to_vec(note).unwrap()).unwrap();
    }
}
