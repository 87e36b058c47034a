//! What a vault holds, in words: what is expected of it, and what is found in it.

use std::collections::BTreeMap;

use porchlight_vault::{Audience, Filter, Id, LedgerEntry, Look, Vault};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::house::{House, release};

/// Everything that a household would notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct World {
    /// The words of each recording, by `device/kind`: every moment here is of a device of its own.
    pub(crate) recordings: BTreeMap<String, String>,
    pub(crate) household: Option<String>,
    pub(crate) secrets: BTreeMap<String, String>,
    /// The kinds of the ledger's lines.
    pub(crate) lines: Vec<String>,
}

/// What the life says of itself as it goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Note {
    /// Something begins that will make of the world before the world after, or leave it: never something between.
    Begins { what: String, now: jiff::Timestamp, after: World },
    /// It was acknowledged. The ids of what there is now.
    Done { ids: BTreeMap<String, Id> },
}

impl World {
    /// Reads everything in a vault; looking at it is a look.
    pub(crate) async fn of(vault: &Vault, house: &House) -> (World, BTreeMap<String, Id>) {
        let mut world = World {
            household: vault.household().await.unwrap().map(|bytes| String::from_utf8(bytes).unwrap()),
            ..World::default()
        };
        for name in vault.secret_names("").await {
            let secret = vault.secret(&name).await.unwrap();
            world.secrets.insert(name, String::from_utf8(secret.to_vec()).unwrap());
        }
        for told in vault.ledger_entries(0..u64::MAX).await.unwrap() {
            let LedgerEntry::Event { kind, .. } = told else {
                panic!("the ledger went on in a new tree: {told:?}")
            };
            // Whoever comes by after the cut gives their word for the clock.
            if kind != "clock" {
                world.lines.push(kind);
            }
        }
        let entries = vault.list(&Filter::default()).await.unwrap();
        let key = |device: &Option<String>, kind| format!("{}/{kind}", device.as_deref().unwrap());
        let ids: BTreeMap<String, Id> =
            entries.iter().map(|entry| (key(&entry.device, entry.kind), entry.id)).collect();
        assert_eq!(ids.len(), entries.len());
        if !ids.is_empty() {
            let all: Vec<Id> = ids.values().copied().collect();
            let looked = release(vault, &all, look(house)).await.unwrap();
            assert!(looked.failed.is_empty(), "{:?}", looked.failed);
            for released in &looked.released {
                let words = match vault.read_own(released.entry.id).await {
                    Ok(words) => String::from_utf8(words.to_vec()).unwrap(),
                    Err(_) => house.decrypt(released),
                };
                world.recordings.insert(key(&released.entry.device, released.entry.kind), words);
            }
            assert_eq!(world.recordings.len(), ids.len());
        }
        (world, ids)
    }
}

/// A look that nobody minds.
pub(crate) fn look(house: &House) -> Look {
    Look { how: "view".into(), said: json!({ "by": "ann" }), readers: house.readers() }
}

/// Where the hub may read too.
pub(crate) fn for_ann_and_hub(house: &House) -> Audience {
    house.for_ann().and_hub()
}
