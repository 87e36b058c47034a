//! What is not as it should be and stays so until somebody, or time itself, mends it. Whoever opens a page is told, and not only who
//! was there when it began.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_protocol::{Attention, Deed, Message};
use porchlight_vault::{DiskTrouble, Vault, Warning};
use porchlight_voice::skill::Unreadable;

use crate::messages;
use crate::messages::Coded;
use crate::state::Hub;
use crate::store::{DATABASE, set_aside};

/// What is the matter with each disk that takes no write now, be it the hub's own database alone that it does not take.
pub async fn disk_troubles(hub: &Hub) -> Vec<DiskTrouble> {
    let mut troubles = hub.vault.disk_troubles().await;
    let known = troubles.iter().any(|trouble| trouble.folder() == hub.data);
    if !known && let Some(error) = hub.store.write_trouble().await {
        troubles.extend(DiskTrouble::of_database(error, &hub.data));
    }
    troubles
}

/// All of it, the gravest first.
pub async fn attention(hub: &Hub) -> Vec<Attention> {
    let mut all = Vec::new();
    let disks = disk_troubles(hub).await;
    all.extend(disks.iter().map(|trouble| Attention { said: trouble.message(), deed: None }));
    let warnings = hub.vault.warnings().await.unwrap_or_default();
    let lasts = |warning: &&Warning| {
        let told = matches!(
            warning,
            Warning::Misplaced { .. }
                | Warning::MirrorPending { .. }
                | Warning::NotForgotten { .. }
                | Warning::StrongboxMoved { .. }
                | Warning::NotInPlace { .. }
                | Warning::LockLost { .. }
                | Warning::PutBack { .. }
                | Warning::PayloadsLost { .. }
        );
        told || warning.is_rot()
    };
    let grave = warnings.iter().filter(lasts);
    all.extend(grave.map(|warning| Attention { said: warning.message(), deed: None }));
    all.extend(removed_database(hub).map(|said| Attention { said, deed: None }));
    let database = [
        hub.damage.get().cloned(),
        begun_anew(&hub.data),
        went_back(hub),
        removed_rows(hub),
        unreadable_effects(hub),
    ];
    all.extend(database.into_iter().flatten().map(|said| Attention { said, deed: None }));
    all.extend(paused(hub).map(|said| Attention { said, deed: Some(Deed::ConfirmClock) }));
    all.extend(
        newer_copies(&hub.vault, hub.home().household.zone())
            .map(|said| Attention { said, deed: Some(Deed::EndNewerCopies) }),
    );
    all
}

/// That an older copy of the data folder was put back, or that the catalog has lost what was written last, until somebody says what is
/// to become of newer copies.
pub fn newer_copies(vault: &Vault, zone: &TimeZone) -> Option<Message> {
    let made = vault.restored_copy()?;
    if let Some(lost) = vault.lost_recordings() {
        return Some(catalog_behind(made, lost));
    }
    let shown = messages::shown(made, zone);
    let text = format!(
        "An older copy of the data folder was put back; it was made at {shown}. A copy that was made later can still be opened, and put \
         back in its place. Once nobody needs one, let them end: what they alone hold is then gone for good."
    );
    Some(Message::new("newer-copies", text).with("made", made))
}

/// The code of that the catalog has lost what was written last.
pub(crate) const CATALOG_BEHIND: &str = "catalog-behind";

fn catalog_behind(made: Timestamp, lost: u64) -> Message {
    let what = match lost {
        0 => "no recording, but changes and details of the ledger's lines".to_owned(),
        1 => "1 recording that was kept".to_owned(),
        many => format!("{many} recordings that were kept"),
    };
    let text = format!(
        "The catalog, catalog.sqlite in the data folder, has lost what was written to it last: {what}. Its newest pages rotted, or it is an \
         older one that was put in its place. Nothing of what it lost was cleared away. Stop the hub, put the newest copy of the data folder \
         back in its place, and start it again: the strongbox of today stays, and brings it up to date. Where no copy has it, let copies \
         end: what is left of it is then gone for good."
    );
    Message::new(CATALOG_BEHIND, text).with("made", made).with("lost", lost)
}

/// That the hub's own database was damaged, emptied or lost and begun anew, until somebody takes away what is left of it.
pub(crate) fn begun_anew(data: &Path) -> Option<Message> {
    let aside = set_aside(&data.join(DATABASE));
    let left = std::fs::metadata(&aside).ok()?.len();
    let path = aside.display();
    if left == 0 {
        let text = format!(
            "The hub's own database was gone, or there was nothing in it, and it is begun anew: everybody signs in anew, and microphones need \
             new credentials. Recordings are not touched. Unless somebody removed it, a disk may be rotting. This is told for as long as the \
             empty file {path} is there."
        );
        return Some(Message::new("database-gone", text).with("path", path));
    }
    let text = format!(
        "The hub's own database was damaged and begun anew: everybody signs in anew, and microphones need new credentials. Recordings are \
         not touched. A disk may be rotting. What is left of it is {path}; remove that file once nobody needs it."
    );
    Some(Message::new("database-anew", text).with("path", path))
}

/// That the hub's own database was removed while it was open: what became of it.
pub(crate) fn removed_database(hub: &Hub) -> impl Iterator<Item = Message> {
    let place = &hub.store.place;
    let files = place.put_back();
    let put_back = (!files.is_empty()).then_some(Warning::PutBack { files });
    let missing = (!place.is_there()).then(|| Warning::NotInPlace { path: place.file().to_owned() });
    missing.into_iter().chain(put_back).map(|warning| warning.message())
}

/// That a start found that the hub's own database had lost what was written last, for two weeks.
pub(crate) fn went_back(hub: &Hub) -> Option<Message> {
    let lost = hub.store.lost(hub.now())?;
    let shown = messages::shown(lost, hub.home().household.zone());
    let text = format!(
        "The hub's own database, hub.sqlite in the data folder, had lost what was written to it last when the hub was started at {shown}: its \
         newest pages rotted, or an older one was put in its place. So that nothing that had ended counts again, everybody signs in anew, and \
         microphones need new credentials. Recordings are not touched. Unless somebody put an older one there, a disk is rotting."
    );
    Some(Message::new("database-went-back", text).with("at", lost))
}

/// That rows of the hub's own database made no sense and were removed, for as long as this hub runs.
pub(crate) fn removed_rows(hub: &Hub) -> Option<Message> {
    let count = hub.store.removed_rows();
    let (rows, were) = if count == 1 { ("row", "was") } else { ("rows", "were") };
    (count > 0).then(|| {
        let text = format!(
            "{count} {rows} of the hub's own database made no sense and {were} removed: who is signed out signs in anew, and a microphone \
             that is refused needs a new credential. Recordings are not touched. A disk may be rotting: replace it soon."
        );
        Message::new("rows-removed", text).with("count", count)
    })
}

/// That timers, list items or reminders are there and cannot be read: none of them rings.
pub fn unreadable_effects(hub: &Hub) -> Option<Message> {
    let Unreadable { timers, items, reminders } = hub.effects.unreadable();
    let count = timers + items + reminders;
    let (what, them) = if count == 1 {
        ("1 timer, list item or reminder", "it")
    } else {
        ("timers, list items and reminders", "them")
    };
    let what = if count == 1 { what.to_owned() } else { format!("{count} {what}") };
    (count > 0).then(|| {
        let text = format!(
            "{what} cannot be read, so nobody is told of {them} and nothing rings. A disk is rotting: replace it soon. A mirror of the strongbox, \
             or the newest copy of the data folder, may have {them} whole."
        );
        Message::new("effects-unreadable", text)
            .with("timers", timers)
            .with("items", items)
            .with("reminders", reminders)
    })
}

/// Why what reached its end is not being forgotten, or not all of it.
pub fn paused(hub: &Hub) -> Option<Message> {
    let home = hub.home();
    hub.vault.clock_state().paused.map(|why| messages::pause(&why, home.household.zone()))
}
