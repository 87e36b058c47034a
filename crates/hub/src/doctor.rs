//! Passes over a hub and says what is good, what could be safer and what has to be mended.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use porchlight_protocol::{Check, CheckState, Depth};
use porchlight_vault::{DiskTrouble, Survey, Vault, Warning};

use crate::config::HubConfig;
use crate::error::HubError;
use crate::start::read_home;
use crate::state::{Home, Hub};
use crate::{attention, mirrors, notices, recording, secrets};

/// Less free space than this is a warning, and a quarter of it is bad. In bytes.
const ROOM: u64 = 4 << 30;
/// The same on the disk of the strongbox.
const STRONGBOX_ROOM: u64 = 64 << 20;

/// What can be done about recordings that are damaged.
const REMEDY: &str = "The newest copy of the data folder may have what is damaged whole: stop the hub, put the copy back in its place, and start it \
     again; the strongbox of today stays, and brings it up to date. What no copy has cannot be mended, and `porchlight forget ID` takes it \
     off the lists. A disk is rotting: replace it soon.";

/// Passes over a running hub.
pub async fn look_over(hub: &Hub, depth: Depth) -> Vec<Check> {
    let home = hub.home();
    // What rotted is written anew first.
    let folders = folders(&hub.data, &hub.vault, attention::disk_troubles(hub).await).await;
    let mut checks = vec![household(read_home(&hub.vault).await)];
    checks.push(kits(hub).await);
    checks.extend(folders);
    // What cannot be written anew is told of as not where it was.
    let _ = hub.store.stay().await;
    let rows =
        attention::removed_database(hub).chain(attention::went_back(hub)).chain(attention::removed_rows(hub));
    checks.extend(rows.map(|said| check("database", CheckState::Warning, said.text)));
    let effects = attention::unreadable_effects(hub);
    checks.extend(effects.map(|said| check("timers, lists and reminders", CheckState::Bad, said.text)));
    let damage = hub.damage.get();
    checks.extend(damage.map(|said| check("catalog", CheckState::Bad, said.text.clone())));
    checks.push(clock(attention::paused(hub).map(|said| said.text)));
    checks.extend(copies(&hub.vault, home.household.zone()));
    checks.push(match &hub.voice {
        Ok(_) => check("voice", CheckState::Good, "It can hear and speak.".into()),
        Err(why) => check("voice", CheckState::Bad, why.clone()),
    });
    for (person, said) in notices::unkept(&home.household, hub.now()) {
        checks.push(check(&format!("what {} says", person.name), CheckState::Warning, said.text));
    }
    for device in
        home.household.devices.iter().filter(|device| device.kind == porchlight_household::DeviceKind::Camera)
    {
        let report = recording::camera_report(hub, &device.id).await;
        let state = if report.is_at_fault() { CheckState::Bad } else { CheckState::Good };
        checks.push(check(&format!("camera {}", device.name), state, report.state.text));
    }
    checks.extend(contents(&hub.vault, depth).await);
    checks
}

/// Whether everybody's kit lets them back in. Whose does not is told to them alone.
async fn kits(hub: &Hub) -> Check {
    let name = "recovery kits";
    let mut old = 0;
    for person in hub.home().household.people.iter().filter(|person| person.keys.is_some()) {
        match secrets::account(&hub.vault, &person.id).await {
            Ok(account) => old += usize::from(account.is_some_and(|account| account.keys.is_none())),
            Err(error) => return check(name, CheckState::Bad, error.to_string()),
        }
    }
    let of = match old {
        0 => {
            let sentence = "The kit that was made last for each person lets them back in.".into();
            return check(name, CheckState::Good, sentence);
        }
        1 => "One person has a kit".to_owned(),
        many => format!("{many} people have kits"),
    };
    let sentence = format!(
        "{of} of an earlier release, which opens exports and lets nobody back in. They are told when they sign in; a new one is made with \
         `porchlight account new-kit`, or in the app."
    );
    check(name, CheckState::Warning, sentence)
}

/// The document of a household, as it was read where it lies: by then it is known to be signed, and the one that was pinned.
fn household(read: Result<Home, HubError>) -> Check {
    let (state, sentence) = match read {
        Ok(home) => {
            let version = home.household.version;
            (CheckState::Good, format!("Version {version} of its document, signed and pinned."))
        }
        Err(why) => (CheckState::Bad, why.to_string()),
    };
    check("household", state, sentence)
}

/// Passes over a data folder and its strongbox with no hub running. Opening them finishes what a crash left undone, as a start does.
pub async fn look_over_folders(data: &Path, strongboxes: &[PathBuf], depth: Depth) -> Vec<Check> {
    let vault = match mirrors::open(&HubConfig::of_folders(data, strongboxes)).await {
        Ok((vault, _)) => vault,
        Err(error) => return vec![check("data folder", CheckState::Bad, error.to_string())],
    };
    let mut checks =
        vec![check("data folder", CheckState::Good, format!("{} and its strongbox open.", data.display()))];
    let home = read_home(&vault).await;
    let copies = home.as_ref().ok().and_then(|home| copies(&vault, home.household.zone()));
    checks.push(household(home));
    checks.extend(copies);
    checks.extend(folders(data, &vault, vault.disk_troubles().await).await);
    checks.push(clock(vault.clock_state().paused.map(|pause| pause.to_string())));
    checks.extend(contents(&vault, depth).await);
    if let Err(error) = vault.close().await {
        checks.push(check("data folder", CheckState::Bad, error.to_string()));
    }
    checks
}

/// Whether newer copies of the data folder may hold what this one does not.
fn copies(vault: &Vault, zone: &TimeZone) -> Option<Check> {
    let said = attention::newer_copies(vault, zone)?;
    let text = format!("{} To let them end: porchlight copies end-newer", said.text);
    let state = if said.code == attention::CATALOG_BEHIND { CheckState::Bad } else { CheckState::Warning };
    Some(check("copies", state, text))
}

/// Whether what reaches its end is forgotten.
fn clock(paused: Option<String>) -> Check {
    match paused {
        None => check("clock", CheckState::Good, "What reaches its end is forgotten.".into()),
        Some(why) => {
            check("clock", CheckState::Bad, format!("{why} To confirm it: porchlight clock confirm"))
        }
    }
}

/// The recordings and the ledger. Nothing is released.
async fn contents(vault: &Vault, depth: Depth) -> Vec<Check> {
    let mut checks = match depth {
        Depth::Counted => vec![counted(vault).await],
        Depth::Opened => opened(vault).await,
    };
    if let Ok(slot) = vault.slot_claim().await {
        let sentence = format!("Out of its reach: {}.", slot.cannot.join("; "));
        checks.push(check("forgetting", CheckState::Warning, sentence));
    }
    checks.push(match vault.ledger(|ledger| Ok(ledger.size())).await {
        Ok(size) => check(
            "ledger",
            CheckState::Good,
            format!("{size} lines under one signed checkpoint, which the strongbox holds too."),
        ),
        Err(error) => check("ledger", CheckState::Bad, error.to_string()),
    });
    checks
}

async fn counted(vault: &Vault) -> Check {
    let survey = match vault.survey().await {
        Ok(survey) => survey,
        Err(error) => return check("recordings", CheckState::Bad, error.to_string()),
    };
    let Survey { recordings, bytes, missing } = survey;
    let thorough = "`porchlight doctor --thorough` opens each of them";
    if missing > 0 {
        let text = format!(
            "At least {missing} of {recordings} have lost their sealed bytes: {thorough}, and names those."
        );
        return check("recordings", CheckState::Bad, text);
    }
    let megabytes = bytes as f64 / 1e6;
    // What the ledger's lines are about is sealed and kept like any other, and stands in no list.
    let text = format!(
        "{recordings} are kept, the details of the ledger's lines among them: {megabytes:.1} MB, and none is missing. {thorough}."
    );
    check("recordings", CheckState::Good, text)
}

async fn opened(vault: &Vault) -> Vec<Check> {
    match vault.check().await {
        Ok(damaged) if damaged.is_empty() => {
            vec![check("recordings", CheckState::Good, "Every one is whole.".into())]
        }
        Ok(damaged) => {
            let named = damaged.iter().map(|error| check("recordings", CheckState::Bad, error.to_string()));
            named.chain([check("recordings", CheckState::Bad, REMEDY.to_owned())]).collect()
        }
        Err(error) => vec![check("recordings", CheckState::Bad, error.to_string())],
    }
}

async fn folders(data: &Path, vault: &Vault, troubles: Vec<DiskTrouble>) -> Vec<Check> {
    let [recordings, strongbox] = vault.written_folders();
    let mut checks = vec![room("disk", recordings, ROOM), room("strongbox disk", strongbox, STRONGBOX_ROOM)];
    // Room is worth nothing on a disk that takes no write.
    for trouble in troubles {
        let name = if trouble.folder() == strongbox { "strongbox disk" } else { "disk" };
        checks.retain(|check| check.name != name);
        checks.push(check(name, CheckState::Bad, whole(&trouble.to_string())));
    }
    checks.extend(attention::begun_anew(data).map(|said| check("database", CheckState::Warning, said.text)));
    // What rotted a minute ago is to be told of now, or put right.
    let looked = vault.look_over().await;
    match looked.and(vault.warnings().await) {
        Ok(warnings) if warnings.is_empty() => {
            checks.push(check("strongbox", CheckState::Good, "It is where it should be.".into()))
        }
        Ok(warnings) => checks.extend(warnings.iter().map(|warning| {
            let state = match warning {
                Warning::Misplaced { .. }
                | Warning::NotForgotten { .. }
                | Warning::KeysDamaged { .. }
                | Warning::OnlyInMemory { .. }
                | Warning::NotInPlace { .. }
                | Warning::LockLost { .. }
                | Warning::PayloadsLost { .. }
                | Warning::StrongboxMoved { .. } => CheckState::Bad,
                _ => CheckState::Warning,
            };
            check("strongbox", state, warning.to_string())
        })),
        Err(error) => checks.push(check("strongbox", CheckState::Bad, error.to_string())),
    }
    checks
}

/// The room on the disk of a folder that the hub writes to. Recordings fill that of the data folder; the strongbox needs little, and
/// without it nothing is kept either.
fn room(name: &str, folder: &Path, enough: u64) -> Check {
    match rustix::fs::statvfs(folder) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let state = match free {
                free if free >= enough => CheckState::Good,
                free if free >= enough / 4 => CheckState::Warning,
                _ => CheckState::Bad,
            };
            check(
                name,
                state,
                format!(
                    "{:.1} GB free on the disk of {}. When it is full, new video is not kept, and nothing old is forgotten to make room.",
                    free as f64 / 1e9,
                    folder.display()
                ),
            )
        }
        Err(error) => check(
            name,
            CheckState::Bad,
            format!("The free space of {} cannot be read ({error}).", folder.display()),
        ),
    }
}

/// A reason as a sentence of its own.
pub fn whole(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn check(name: &str, state: CheckState, sentence: String) -> Check {
    Check { name: name.to_owned(), state, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folders_disk_is_named_and_held_to_what_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let checked = |enough| room("strongbox disk", folder.path(), enough);
        assert!(checked(1).sentence.contains(&folder.path().display().to_string()));
        assert_eq!((checked(1).state, checked(u64::MAX).state), (CheckState::Good, CheckState::Bad));
    }
}
