//! Trying every key that was found on everything that was found.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use age::x25519::Identity;
use porchlight_keyring::{Leaf, Opened, Salvage, Secret};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use zeroize::Zeroizing;

use super::findings::{self, Findings, Listed, OpenedBy, Tried};
use super::scan::Scan;
use crate::catalog::{Catalog, Row};
use crate::error::Error;
use crate::file_names::IDENTITY;
use crate::id::Id;
use crate::receipt::Deletion;

/// How many ways of putting leaves together are tried on one header. There is one for each keyring that knows all of them.
const WAYS: usize = 64;

/// Puts together what was found, and adds what opened.
pub(super) async fn attack(deletion: &Deletion, scan: Scan, findings: &mut Findings) -> Result<(), Error> {
    let mut loot = Loot::of(&scan, findings);
    findings.tried = loot.tried();
    let ids: Vec<Id> = deletion.ids().collect::<BTreeSet<_>>().into_iter().collect();
    for path in &scan.catalogs {
        match rows_of(path, &ids).await {
            Ok(rows) if rows.is_empty() => {}
            Ok(rows) => {
                findings.listed.push(Listed { path: path.clone(), recordings: rows.len() as u64 });
                findings.opened.extend(rows.iter().filter_map(|row| loot.open(row, path)));
            }
            Err(why) => findings.unread.push((path.clone(), why.to_string())),
        }
    }
    for path in &scan.exports {
        if loot.opens_export(path) {
            findings.opened.push(findings::Opened {
                recording: None,
                path: path.clone(),
                by: OpenedBy::Identity,
            });
        }
    }
    Ok(())
}

/// Everything that could open something.
struct Loot {
    salvage: Salvage,
    opened: Opened,
    /// What may be a slot, and where, to name whose keys opened something.
    slots: Vec<(PathBuf, Zeroizing<Vec<u8>>)>,
    keys: Vec<[u8; 32]>,
    identities: Vec<Identity>,
}

impl Loot {
    fn of(scan: &Scan, findings: &mut Findings) -> Loot {
        let mut salvage = Salvage::new();
        for path in &scan.packs {
            match read(path) {
                Ok(bytes) => drop(salvage.add_pack(bytes)),
                Err(why) => findings.unread.push((path.clone(), why)),
            }
        }
        for (_, sector) in &scan.slots {
            salvage.add_keys(sector);
        }
        let opened = salvage.open();
        let mut identities: Vec<Identity> = scan.identities.values().cloned().collect();
        let mut keys = Vec::new();
        for (found, secret) in salvage.keys() {
            keys.extend(<[u8; 32]>::try_from(secret));
            let text = std::str::from_utf8(secret).ok().filter(|_| found == Secret::Named(IDENTITY));
            identities.extend(text.and_then(|text| Identity::from_str(text).ok()));
        }
        keys.sort_unstable();
        keys.dedup();
        Loot { salvage, opened, slots: scan.slots.clone(), keys, identities }
    }

    fn tried(&self) -> Tried {
        Tried {
            packs: self.opened.packs as u64,
            roots: self.opened.candidates as u64,
            generations: self
                .opened
                .generations
                .iter()
                .copied()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            keys: self.keys.len() as u64,
            identities: self.identities.len() as u64,
        }
    }

    /// Tries to open a sealed header: with the leaves it is sealed under, and with every key there is.
    fn open(&mut self, row: &Row, path: &Path) -> Option<findings::Opened> {
        let opened = |by| Some(findings::Opened { recording: Some(row.entry.id), path: path.to_owned(), by });
        let mut ways: Vec<Vec<Leaf>> = vec![Vec::new()];
        for id in row.leaf_ids() {
            let leaves = self.salvage.leaves(id.get());
            // Without any one of them there is no way; with several, each of the ways so far goes on with each.
            ways = ways
                .iter()
                .flat_map(|way| leaves.iter().map(|leaf| [&way[..], std::slice::from_ref(leaf)].concat()))
                .take(WAYS)
                .collect();
        }
        let binding = row.binding();
        if ways.iter().any(|way| row.header.open(way, &binding).is_some()) {
            return opened(OpenedBy::Strongbox { slots: self.slots_for(row) });
        }
        if self.keys.iter().any(|key| row.header.opens_with(key, &binding)) {
            return opened(OpenedBy::Key);
        }
        None
    }

    /// The files with a slot that gives every leaf of a recording.
    fn slots_for(&self, row: &Row) -> Vec<PathBuf> {
        let salvage = &self.salvage;
        let giving =
            self.slots.iter().filter(|(_, sector)| row.leaf_ids().all(|id| salvage.gives(sector, id.get())));
        giving.map(|(path, _)| path.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn opens_export(&self, path: &Path) -> bool {
        let Ok(bytes) = fs::read(path) else { return false };
        self.identities.iter().any(|identity| age::decrypt(identity, &bytes).is_ok())
    }
}

/// The rows of these recordings in a catalog of any age, whatever it says of them. It is read from a copy of its own, so that a
/// hub that runs on it is not in the way, nor a folder that cannot be written to.
async fn rows_of(path: &Path, ids: &[Id]) -> Result<Vec<Row>, Error> {
    let folder =
        tempfile::tempdir().map_err(Error::io("make a folder for a copy in", std::env::temp_dir()))?;
    let copy = folder.path().join("catalog.sqlite");
    fs::copy(path, &copy).map_err(Error::io("copy", path))?;
    let log = with_suffix(path, "-wal");
    if log.exists() {
        fs::copy(&log, with_suffix(&copy, "-wal")).map_err(Error::io("copy", &log))?;
    }
    // What a deletion had marked counts like the rest: it lies there still.
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&copy)).await?;
    for statement in ["UPDATE recordings SET erasure = NULL", "UPDATE moments SET erasure = NULL"] {
        sqlx::query(statement).execute(&pool).await?;
    }
    pool.close().await;
    let catalog = Catalog::open(&copy).await?;
    let rows: HashMap<_, _> = catalog.rows(ids).await?;
    catalog.close().await;
    rows.into_values().collect()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Reads a whole file, or says why not.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|why| why.to_string())
}
