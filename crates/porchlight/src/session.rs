//! The session that stays on this computer: `$XDG_STATE_HOME/porchlight/sessions.json`, readable by its owner alone.
//!
//! It holds a token and an unwrapping key for each hub. Neither opens a recording: the member's key itself stays at the hub,
//! wrapped, and the hub hands it out only for a quarter of an hour after its owner proved who they are.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use porchlight_client::{Seen, Session};
use serde::{Deserialize, Serialize};

/// The sessions of this computer, by hub.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Sessions {
    format: u32,
    /// The hub that was signed in to last.
    current: Option<String>,
    sessions: BTreeMap<String, Session>,
}

const FORMAT: u32 = 1;

impl Sessions {
    /// Reads what is there; nothing is there before the first sign-in.
    pub(crate) fn load() -> Result<Sessions> {
        let file = file()?;
        let text = match fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Sessions { format: FORMAT, ..Default::default() });
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        let sessions: Sessions = serde_json::from_slice(&text)
            .with_context(|| format!("{} is damaged; remove it and sign in again", file.display()))?;
        if sessions.format > FORMAT {
            bail!(
                "{} was written by a newer porchlight; use that one, or remove the file and sign in again",
                file.display()
            );
        }
        Ok(sessions)
    }

    /// The session for `hub`, or for the hub that was signed in to last.
    pub(crate) fn find(&self, hub: Option<&str>) -> Result<&Session> {
        let hub = match (hub, &self.current) {
            (Some(hub), _) => hub.trim_end_matches('/'),
            (None, Some(current)) => current,
            (None, None) => bail!(
                "nobody is signed in on this computer; sign in with\n  porchlight sign-in --hub http://127.0.0.1:8420 --name NAME --passphrase-file FILE --totp-secret-file FILE"
            ),
        };
        self.sessions.get(hub).ok_or_else(|| {
            anyhow!("nobody is signed in to {hub} on this computer; sign in with\n  porchlight sign-in --hub {hub} --name NAME --passphrase-file FILE")
        })
    }

    /// The key by which this computer knows the ledger of this name.
    pub(crate) fn ledger_key(&self, ledger: &str) -> Option<String> {
        let keys = self.sessions.values().filter_map(Session::ledger_key);
        keys.map(str::to_owned).find(|key| key.split('+').next() == Some(ledger))
    }

    /// The address of the hub that was signed in to last.
    pub(crate) fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// Keeps what a session has seen of its hub.
    pub(crate) fn remember(&mut self, hub: &str, seen: Seen) {
        if let Some(session) = self.sessions.get_mut(hub) {
            session.remember(seen);
        }
    }

    /// Remembers a new session, which becomes the current one. What this computer saw of the hub stays.
    pub(crate) fn add(&mut self, mut session: Session) {
        let hub = session.hub().to_owned();
        if let Some(seen) = self.sessions.get_mut(&hub).and_then(|before| before.take_seen(&session)) {
            session.remember(seen);
        }
        self.current = Some(hub.clone());
        self.sessions.insert(hub, session);
    }

    /// Forgets the session of a hub.
    pub(crate) fn remove(&mut self, hub: &str) {
        self.sessions.remove(hub);
        if self.current.as_deref() == Some(hub) {
            self.current = self.sessions.keys().next().cloned();
        }
    }

    /// Writes the file anew, whole or not at all.
    pub(crate) fn save(&self) -> Result<()> {
        let file = file()?;
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let fresh = folder.join(format!("sessions.json.{}", std::process::id()));
        let write = || -> std::io::Result<()> {
            let mut out =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            out.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
            out.sync_all()?;
            fs::rename(&fresh, &file)
        };
        write().with_context(|| format!("cannot write {}", file.display()))
    }
}

fn file() -> Result<PathBuf> {
    Ok(state_folder()?.join("sessions.json"))
}

/// Where this computer keeps what is Porchlight's: `$XDG_STATE_HOME/porchlight`.
pub(crate) fn state_folder() -> Result<PathBuf> {
    let state = match std::env::var_os("XDG_STATE_HOME").filter(|path| !path.is_empty()) {
        Some(state) => PathBuf::from(state),
        None => {
            let home = std::env::var_os("HOME")
                .context("neither XDG_STATE_HOME nor HOME is set: there is no place for the session")?;
            PathBuf::from(home).join(".local/state")
        }
    };
    Ok(state.join("porchlight"))
}
