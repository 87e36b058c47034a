//! What must hold of a vault after a power cut.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use age::x25519::Identity;
use jiff::Timestamp;
use porchlight_vault::{Error, Id, Kind, Pause, Vault};

use crate::disk::State;
use crate::house::{House, close, files, ids, quick_folder, release};
use crate::life::{STRONGBOXES, house_at};
use crate::world::{Note, World, look};

/// A state of the disk, and what was promised when the power went.
pub(crate) struct Cut {
    pub(crate) name: String,
    state: State,
    /// What the vault must hold: what was acknowledged, or that with all of what had begun. None: there need be no vault yet.
    allowed: Vec<Option<World>>,
    now: Timestamp,
    /// What was kept and is acknowledged as forgotten.
    forgotten: BTreeMap<String, Id>,
    /// The whole world to come was acknowledged, mirrors included: what was begun is done.
    settled: bool,
    /// A copy of everything as it was before the last deletion that was acknowledged.
    older: Option<Arc<State>>,
}

impl Cut {
    pub(crate) fn new<'a>(
        name: String,
        state: State,
        notes: impl Iterator<Item = &'a Note>,
        older: Option<Arc<State>>,
    ) -> Cut {
        let (mut before, mut begun, mut now) = (None, None, Timestamp::UNIX_EPOCH);
        let mut known = BTreeMap::new();
        let mut doing = "nothing".to_owned();
        for note in notes {
            match note {
                Note::Begins { what, now: at, after } => {
                    (begun, now) = (Some(after.clone()), *at);
                    doing.clone_from(what);
                }
                Note::Done { ids } => {
                    before = begun.take();
                    known.clone_from(ids);
                }
            }
        }
        let acknowledged = before.clone().unwrap_or_default();
        let forgotten =
            known.into_iter().filter(|(key, _)| !acknowledged.recordings.contains_key(key)).collect();
        let settled = begun.is_none() && before.is_some();
        let allowed = [Some(before), begun.map(Some)].into_iter().flatten().collect();
        Cut {
            name: format!("{name}, during or after {doing:?}"),
            state,
            allowed,
            now,
            forgotten,
            settled,
            older,
        }
    }

    /// Two cuts that are the same to the vault.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.state.hash(&mut hasher);
        format!("{:?}", self.allowed).hash(&mut hasher);
        hasher.finish()
    }
}

/// Ann's house when its machine starts again: what that counts begins anew.
fn after_power_cut(root: &Path, ann: Identity, now: Timestamp) -> House {
    let house = house_at(root, ann, now);
    house.clock.cut_power(Duration::ZERO);
    house
}

/// Lays the state out, opens it, and goes on from it.
pub(crate) async fn check(cut: Cut, ann: Identity) {
    let folder = quick_folder();
    cut.state.lay_out(folder.path(), &[]);
    let house = after_power_cut(folder.path(), ann.clone(), cut.now);
    let vault = match Vault::open(house.config_with(&STRONGBOXES)).await {
        Ok(vault) => vault,
        Err(Error::NoVault(_) | Error::Unfinished(_)) if cut.allowed.contains(&None) => return,
        Err(why) => panic!("{}: it does not open: {why}", cut.name),
    };
    let opening = vault.opening();
    assert!(!opening.restored() && opening.lost.is_none(), "{}: {opening:?}", cut.name);
    if let Some(why) = &opening.paused {
        // Days after the last time that was written down: somebody comes by.
        assert!(matches!(why, Pause::ClockAhead { .. }), "{}: {opening:?}", cut.name);
        vault.confirm_clock(house.line("clock")).await.unwrap();
    }
    let world = look_around(&vault, &house, &cut).await;
    assert!(
        cut.allowed.iter().any(|allowed| allowed.clone().unwrap_or_default() == world),
        "{}: found {:#?}, where there must be one of {:#?}",
        cut.name,
        shortened(&world),
        cut.allowed.iter().flatten().map(shortened).collect::<Vec<_>>(),
    );
    go_on(vault, &house, world, &cut).await;

    // The mirror as the one strongbox that is left, beside what the cut left of the data.
    let folder = quick_folder();
    cut.state.lay_out(folder.path(), &[]);
    let house = after_power_cut(folder.path(), ann.clone(), cut.now);
    match Vault::open(house.config_with(&STRONGBOXES[1..])).await {
        Ok(vault) => {
            look_around(&vault, &house, &cut).await;
            close(vault).await;
        }
        // It had not followed yet, or not from the very beginning.
        Err(Error::OldStrongbox { .. } | Error::NoStrongbox(_) | Error::Keyring(_)) if !cut.settled => {}
        Err(why) => panic!("{}: its mirror does not open: {why}", cut.name),
    }
    if let Some(older) = &cut.older {
        beside_an_older_copy(&cut, older, ann).await;
    }
}

/// A copy of the data folder that was taken before the last deletion, beside what the cut left of the strongbox: what is
/// acknowledged as forgotten stays so. And the root keys of then lie nowhere any more.
async fn beside_an_older_copy(cut: &Cut, older: &State, ann: Identity) {
    for slot in ["home.strongbox/slot-1", "home.strongbox/slot-2", "stick/slot-1", "stick/slot-2"] {
        let now = &cut.state.files[Path::new(slot)];
        for sector in
            older.files[Path::new(slot)].chunks(4096).filter(|sector| sector.iter().any(|b| *b != 0))
        {
            let root = &sector[12..12 + 56];
            let survives = now.windows(root.len()).any(|window| window == root);
            assert!(!survives, "{}: {slot} holds the root that was to be destroyed", cut.name);
        }
    }
    let folder = quick_folder();
    cut.state.lay_out(folder.path(), &STRONGBOXES);
    older.lay_out(folder.path(), &["home"]);
    let house = after_power_cut(folder.path(), ann, cut.now);
    let vault = Vault::open(house.config_with(&STRONGBOXES)).await;
    let vault = vault.unwrap_or_else(|why| panic!("{}: an older copy does not open: {why}", cut.name));
    let listed = ids(&vault).await;
    for (key, id) in &cut.forgotten {
        assert!(!listed.contains(id), "{}: {key} is back", cut.name);
        let refused = release(&vault, &[*id], look(&house)).await;
        assert!(matches!(refused, Err(Error::Unknown(_))), "{}: {key} opens again: {refused:?}", cut.name);
    }
    close(vault).await;
}

/// What holds of every vault that was opened, whichever strongbox is beside it.
async fn look_around(vault: &Vault, house: &House, cut: &Cut) -> World {
    let (world, ids) = World::of(vault, house).await;
    for (key, id) in &cut.forgotten {
        assert!(!ids.values().any(|found| found == id), "{}: {key} is listed", cut.name);
        let refused = release(vault, &[*id], look(house)).await;
        assert!(matches!(refused, Err(Error::Unknown(_))), "{}: {key} opens: {refused:?}", cut.name);
    }
    let damaged = vault.check().await.unwrap();
    assert!(damaged.is_empty(), "{}: {damaged:?}", cut.name);
    world
}

/// A vault that was opened is as good as any: it agrees with its checkpoint, keeps and forgets, and the next start finds
/// nothing to do.
async fn go_on(vault: Vault, house: &House, mut world: World, cut: &Cut) {
    let pinned = std::fs::read_to_string(house.path("home.strongbox/checkpoint")).unwrap();
    assert_eq!(vault.checkpoint().await.unwrap(), pinned, "{}", cut.name);
    let mut moment = house.moment(vec![house.recording(Kind::Voice, 7, &"new".repeat(9000))]);
    moment.device = Some("new".into());
    let new = vault.keep(moment).await.unwrap();
    assert_eq!(payloads(&house.data()), with_payload(&world) + 1, "{}: payloads without an owner", cut.name);
    house.forget(&vault, &[new.moment]).await;
    close(vault).await;

    let vault = Vault::open(house.config_with(&STRONGBOXES)).await.unwrap();
    let opening = vault.opening();
    assert!(!opening.restored() && opening.finished.is_empty(), "{}: {opening:?}", cut.name);
    assert_eq!(opening.lost, None, "{}", cut.name);
    assert_eq!((opening.swept, opening.orphans), (0, 0), "{}", cut.name);
    let (mut again, _) = World::of(&vault, house).await;
    // Looking around, and what was done above, are lines too.
    again.lines.truncate(world.lines.len());
    assert_eq!(shortened(&again), shortened(&world), "{}", cut.name);
    world.lines.clear();
    assert_eq!(payloads(&house.data()), with_payload(&world), "{}", cut.name);
    close(vault).await;
}

/// The files of payloads in the blob store.
fn payloads(data: &Path) -> usize {
    files(&data.join("blobs")).len()
}

/// The recordings whose payload is too large for a row.
fn with_payload(world: &World) -> usize {
    world.recordings.values().filter(|words| words.len() > 16 * 1024).count()
}

/// With the beginnings of words only, to be read by people.
fn shortened(world: &World) -> World {
    let mut world = world.clone();
    for words in world.recordings.values_mut() {
        words.truncate(20);
    }
    world
}
