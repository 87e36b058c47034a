//! All that an operation can leave behind: policy, catalog, strongbox, ledger, the hub's own database, and what is held of it in memory.

use std::collections::BTreeMap;
use std::path::Path;

use porchlight_hub::Hub;
use porchlight_vault::{Filter, LedgerEntry};
use sha2::{Digest, Sha256};

/// What is there, by what it is called. What differs from one try to the next is left out: times, random bytes, numbers.
pub(super) type Snapshot = BTreeMap<&'static str, Vec<String>>;

/// Everything that is there.
pub(super) async fn everything(folder: &Path, hub: &Hub) -> Snapshot {
    let mut state = Snapshot::new();
    let home = hub.home();
    let names = home.household.people.iter().map(|person| person.name.clone());
    let mut document = vec![home.household.version.to_string()];
    document.extend(names);
    document.extend(home.household.devices.iter().map(|device| format!("{} {:?}", device.name, device.room)));
    document
        .extend(home.household.consents.iter().map(|consent| format!("{:?}", consent.withdrawn.is_some())));
    state.insert("document", document);
    let mut documents: Vec<String> = std::fs::read_dir(folder.join("home.strongbox"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("household-"))
        .collect();
    documents.sort();
    state.insert("documents", documents);
    state.insert("recordings", recordings(hub).await);
    state.insert("effects", effects(hub));
    let mut secrets = Vec::new();
    for name in hub.vault.secret_names("").await {
        let bytes = hub.vault.secret(&name).await.unwrap();
        secrets.push(format!("{name} {}", hex::encode(&Sha256::digest(&*bytes)[..4])));
    }
    state.insert("secrets", secrets);
    state.insert("sessions", hub.store.everything().await.unwrap());
    let told = hub.vault.ledger_entries(0..999).await.unwrap();
    let kinds = told.iter().map(|line| match line {
        LedgerEntry::Event { kind, .. } => kind.clone(),
        LedgerEntry::Succession { .. } => "another key signs".to_owned(),
        other => format!("{other:?}"),
    });
    state.insert("ledger", kinds.collect());
    let keys = hub.vault.ledger(|ledger| Ok(ledger.successions().len())).await.unwrap();
    state.insert("keys of the ledger", vec![keys.to_string()]);
    let holds = hub.vault.holds().await.unwrap();
    let holds =
        holds.iter().map(|hold| format!("{} until {} of {}", hold.by, hold.until, hold.moments.len()));
    state.insert("holds", holds.collect());
    let restored = hub.vault.restored_copy().map(|made| made.to_string());
    state.insert("an older copy", restored.into_iter().collect());
    state
}

async fn recordings(hub: &Hub) -> Vec<String> {
    let kept = hub.vault.list(&Filter::default()).await.unwrap();
    let mut kept: Vec<String> = kept
        .iter()
        .map(|entry| {
            let asked = if entry.caused_by.is_some() { ", asked for" } else { "" };
            format!("{} {:?} {} {:?}{asked}", entry.kind, entry.owner, entry.purpose, entry.device)
        })
        .collect();
    kept.sort();
    kept
}

/// What is held open in memory, which has to be what is kept.
fn effects(hub: &Hub) -> Vec<String> {
    let timers = hub.effects.timers().into_iter();
    let timers = timers.map(|(_, timer)| format!("timer {} {:?}", timer.seconds, timer.ends));
    let items = hub.effects.items().into_iter().map(|(_, item)| format!("item {}", item.text));
    let mut effects: Vec<String> = timers.chain(items).collect();
    effects.sort();
    effects
}

/// Takes the lines of a kind out of a ledger that are more than another has.
pub(super) fn surplus(state: &Snapshot, kind: &str, than: &Snapshot) -> Snapshot {
    let count = |state: &Snapshot| state["ledger"].iter().filter(|line| *line == kind).count();
    let mut more = count(state).saturating_sub(count(than));
    let mut state = state.clone();
    state.get_mut("ledger").unwrap().retain(|line| {
        let surplus = more > 0 && line == kind;
        more -= usize::from(surplus);
        !surplus
    });
    state
}

/// Takes out what was kept of the words by which one state became the other.
pub(super) fn without_words(after: &Snapshot, before: &Snapshot) -> Snapshot {
    let mut known = before["recordings"].clone();
    let mut state = after.clone();
    state.get_mut("recordings").unwrap().retain(|one| match known.iter().position(|known| known == one) {
        Some(at) => {
            known.remove(at);
            true
        }
        None => !one.contains("history"),
    });
    state
}
