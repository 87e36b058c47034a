//! What is not as it should be and stays so until somebody, or time itself, mends it. Whoever opens a page is told, and not only who
//! was there when it began.

use std::path::Path;

use porchlight_vault::Warning;

use crate::api::types::{Attention, Deed, Sentence};
use crate::hub::Hub;
use crate::sentences;
use crate::store::{DATABASE, set_aside};

/// All of it, the gravest first.
pub(crate) async fn attention(hub: &Hub) -> Vec<Attention> {
    let mut all = Vec::new();
    let disks = hub.vault.disk_troubles().await;
    all.extend(disks.iter().map(|trouble| Attention { said: Sentence::from(trouble), deed: None }));
    let warnings = hub.vault.warnings().await.unwrap_or_default();
    let lasts = |warning: &&Warning| {
        let told = matches!(
            warning,
            Warning::Misplaced { .. } | Warning::MirrorPending { .. } | Warning::NotForgotten { .. }
        );
        told || warning.is_rot()
    };
    let grave = warnings.iter().filter(lasts);
    all.extend(grave.map(|warning| Attention { said: Sentence::from(warning), deed: None }));
    let database = [hub.damage.get().cloned(), begun_anew(&hub.data), removed_rows(hub)];
    all.extend(database.into_iter().flatten().map(|said| Attention { said, deed: None }));
    all.extend(paused(hub).map(|said| Attention { said, deed: Some(Deed::ConfirmClock) }));
    all.extend(newer_copies(hub).map(|said| Attention { said, deed: Some(Deed::EndNewerCopies) }));
    all
}

/// That an older copy of the data folder was put back, until somebody says what is to become of newer ones.
pub(crate) fn newer_copies(hub: &Hub) -> Option<Sentence> {
    let made = hub.vault.restored_copy()?;
    let shown = sentences::shown(made, hub.home().household.zone());
    let text = format!(
        "An older copy of the data folder was put back; it was made at {shown}. A copy that was made later can still be opened, and put \
         back in its place. Once nobody needs one, let them end: what they alone hold is then gone for good."
    );
    Some(Sentence::new("newer-copies", text).with("made", made))
}

/// That the hub's own database was damaged and begun anew, until somebody takes away what is left of it.
pub(crate) fn begun_anew(data: &Path) -> Option<Sentence> {
    let aside = set_aside(&data.join(DATABASE));
    aside.exists().then(|| {
        let path = aside.display();
        let text = format!(
            "The hub's own database was damaged and begun anew: everybody signs in anew, and microphones need new credentials. Recordings are \
             not touched. A disk may be rotting. What is left of it is {path}; remove that file once nobody needs it."
        );
        Sentence::new("database-anew", text).with("path", path)
    })
}

/// That rows of the hub's own database made no sense and were removed, for as long as this hub runs.
pub(crate) fn removed_rows(hub: &Hub) -> Option<Sentence> {
    let count = hub.store.removed_rows();
    let (rows, were) = if count == 1 { ("row", "was") } else { ("rows", "were") };
    (count > 0).then(|| {
        let text = format!(
            "{count} {rows} of the hub's own database made no sense and {were} removed: who is signed out signs in anew, and a microphone \
             that is refused needs a new credential. Recordings are not touched. A disk may be rotting: replace it soon."
        );
        Sentence::new("rows-removed", text).with("count", count)
    })
}

/// Why what reached its end is not being forgotten, or not all of it.
pub(crate) fn paused(hub: &Hub) -> Option<Sentence> {
    let home = hub.home();
    hub.vault.clock_state().paused.map(|why| sentences::pause(&why, home.household.zone()))
}
