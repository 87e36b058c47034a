//! What the rooms below say, with the codes of the API: a room speaks English, and only the hub knows who else is to understand it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_camera::onvif::OnvifError;
use porchlight_camera::{AddressError, Error as CameraError, NoSound};
use porchlight_household as household;
use porchlight_household::sign_in::Error as SignInError;
use porchlight_protocol::Message;
use porchlight_vault as vault;
use porchlight_vault::{DiskTrouble, FailedDisk, Misplaced, Pause, Warning, in_shell};

/// What a room below says, with the code of the API for it.
pub trait Coded {
    /// In English, and so that a program can say it in another language.
    fn message(&self) -> Message;
}

impl Coded for CameraError {
    fn message(&self) -> Message {
        let code = match self {
            CameraError::Refused => "camera-refused",
            CameraError::NoAnswer => "camera-no-answer",
            CameraError::UnknownName => "camera-unknown-name",
            CameraError::PasswordNeeded => "camera-password-needed",
            CameraError::WrongPassword => "camera-wrong-password",
            CameraError::NoSignIn => "camera-no-sign-in",
            CameraError::Forbidden => "camera-forbidden",
            CameraError::NotFound => "camera-no-stream",
            CameraError::Busy => "camera-busy",
            CameraError::Garbage(_) => "camera-garbage",
            CameraError::UnsupportedCodec(_) => "camera-codec",
            CameraError::NoVideo => "camera-no-video",
            CameraError::NoKeyFrames => "camera-no-key-frames",
            CameraError::UdpOnly => "camera-udp-only",
            CameraError::SentElsewhere => "camera-sent-elsewhere",
            CameraError::StreamEnded => "camera-ended",
            CameraError::SoundSwitched => "camera-sound-switched",
            CameraError::NotTaken => "camera-not-taken",
        };
        let said = Message::new(code, self.to_string());
        match self {
            CameraError::Garbage(detail) => said.with("detail", detail),
            CameraError::UnsupportedCodec(codec) => said.with("codec", codec),
            _ => said,
        }
    }
}

impl Coded for NoSound {
    fn message(&self) -> Message {
        let (code, format) = match self {
            NoSound::NotAsked => ("", None),
            NoSound::NotOffered => ("camera-sound-none", None),
            NoSound::Unsupported(format) => ("camera-sound-unknown", Some(format)),
            NoSound::Refused(format) => ("camera-sound-refused", Some(format)),
            NoSound::TooFast(format) => ("camera-sound-too-fast", Some(format)),
            NoSound::Silent(format) => ("camera-sound-silent", Some(format)),
        };
        let said = Message::new(code, self.to_string());
        match format {
            Some(format) => said.with("format", format),
            None => said,
        }
    }
}

impl Coded for OnvifError {
    fn message(&self) -> Message {
        let code = match self {
            OnvifError::NotSpoken => "onvif-not-spoken",
            OnvifError::NoAnswer => "camera-no-answer",
            OnvifError::UnknownName => "camera-unknown-name",
            OnvifError::PasswordNeeded => "onvif-password-needed",
            OnvifError::WrongPassword => "onvif-wrong-password",
            OnvifError::NoStream => "onvif-no-stream",
            OnvifError::Garbage => "onvif-garbage",
            OnvifError::NoNetwork => "onvif-no-network",
        };
        Message::new(code, self.to_string())
    }
}

impl Coded for AddressError {
    fn message(&self) -> Message {
        let code = match self {
            AddressError::Empty => "address-empty",
            AddressError::NotRtsp => "address-not-rtsp",
            AddressError::NoHost => "address-no-host",
            AddressError::Unreadable => "address-unreadable",
            AddressError::StrayCharacter => "address-stray",
            AddressError::LinkLocal => "address-link-local",
            AddressError::NoUser => "address-no-user",
            AddressError::NotText => "address-not-text",
        };
        Message::new(code, self.to_string())
    }
}

impl Coded for Warning {
    fn message(&self) -> Message {
        let said = |code| Message::new(code, self.to_string());
        match self {
            Warning::KeepsOldVersions { path, file_system } => {
                said("keeps-old-versions").with("path", path.display()).with("file_system", file_system)
            }
            Warning::Volatile { path, file_system } => {
                said("volatile").with("path", path.display()).with("file_system", file_system)
            }
            Warning::FileBesideTpm { path } => said("file-beside-tpm").with("path", path.display()),
            Warning::Misplaced { found, out, options } => {
                let (code, moved, other) = match found {
                    Misplaced::StrongboxInData { strongbox, data } => ("strongbox-in-data", strongbox, data),
                    Misplaced::DataInStrongbox { data, strongbox } => ("data-in-strongbox", data, strongbox),
                    Misplaced::Overlapping { strongbox, other } => ("strongboxes-overlap", strongbox, other),
                    _ => return said(""),
                };
                let command = format!("mv {} {}", in_shell(moved), in_shell(out));
                let said = said(code).with("moved", moved.display()).with("other", other.display());
                said.with("out", out.display()).with("command", command).with("options", options)
            }
            Warning::Swap => said("swap"),
            Warning::CoreDumps => said("core-dumps"),
            Warning::MirrorPending { path, why, seen: false, .. } => {
                said("mirror-never-seen").with("path", path.display()).because(why.as_str().into())
            }
            Warning::MirrorPending { path, why, since, .. } => {
                let said = said("mirror-behind").with("path", path.display());
                let said = match since {
                    Some(since) => said.with("since", since),
                    None => said,
                };
                said.because(why.as_str().into())
            }
            Warning::Healed { files } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                said("files-healed").with("files", files.join(", "))
            }
            Warning::KeysRenewed { files } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                said("keys-renewed").with("files", files.join(", "))
            }
            Warning::KeysDamaged { files, recordings, keep_running } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                let code = if *keep_running { "keys-damaged-keep-running" } else { "keys-damaged" };
                said(code).with("files", files.join(", ")).with("count", recordings)
            }
            Warning::OnlyInMemory { files, why } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                said("only-in-memory").with("files", files.join(", ")).because(why.as_str().into())
            }
            Warning::NotInPlace { path } => said("not-in-place").with("path", path.display()),
            Warning::LockLost { path } => said("lock-lost").with("path", path.display()),
            Warning::PutBack { files } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                said("files-put-back").with("files", files.join(", "))
            }
            Warning::PayloadsLost { path } => said("payloads-lost").with("path", path.display()),
            Warning::WatermarkDamaged { files, at } => {
                let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                said("watermark-damaged").with("files", files.join(", ")).with("at", at)
            }
            Warning::MirrorsDamaged { file } => said("mirrors-damaged").with("file", file.display()),
            Warning::StrongboxMoved { path } => said("strongbox-moved").with("path", path.display()),
            Warning::LinesDamaged { lines } => {
                let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
                said("lines-damaged").with("lines", lines.join(", "))
            }
            Warning::LedgerBrokenOff => said("ledger-broken-off"),
            Warning::CheckpointLost => said("checkpoint-lost"),
            Warning::NotForgotten { recordings, why } => {
                said("not-forgotten").with("count", recordings).because(why.as_str().into())
            }
            _ => said(""),
        }
    }
}

/// The code of that the catalog is damaged.
pub(crate) const CATALOG_DAMAGED: &str = "catalog-damaged";

/// The same words as at a start, without what the database says of itself.
fn catalog_damaged() -> Message {
    let text = "the catalog, catalog.sqlite in the data folder, is damaged, so what it says cannot be read, and new things may not be kept. \
                Stop the hub, put the newest copy of the data folder back in its place, and start it again: the strongbox of today stays, and \
                brings it up to date. A disk is rotting: replace it soon.";
    Message::new(CATALOG_DAMAGED, text)
}

/// An instant in the household's own time: `29 November 2026, 18:05`.
pub(crate) fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%-d %B %Y, %H:%M").to_string()
}

/// What is wrong with a hold, in the household's own time.
pub fn hold(error: &vault::Error, zone: &TimeZone) -> Message {
    let local = |at: &Timestamp| shown(*at, zone);
    let mut said = error.message();
    said.text = match error {
        vault::Error::HoldPast(until) => {
            format!(
                "a hold that ends on {} would have ended already: name an end that is still to come",
                local(until)
            )
        }
        vault::Error::HoldTooLong { until, longest } => format!(
            "a hold lasts a year at most, and {} is further away: name an end before {}",
            local(until),
            local(longest)
        ),
        _ => return said,
    };
    said
}

/// Why what reached its end is not being forgotten, in the household's own time.
pub(crate) fn pause(pause: &Pause, zone: &TimeZone) -> Message {
    let said = |code| Message::new(code, pause.words(|at| shown(at, zone)));
    match pause {
        Pause::ClockBehind { now, latest } => said("clock-behind").with("now", now).with("latest", latest),
        Pause::ClockJumped { now, latest } => said("clock-jumped").with("now", now).with("latest", latest),
        Pause::ClockAhead { now, latest } => said("clock-ahead").with("now", now).with("latest", latest),
        Pause::MoreThanPlanned { due, planned, since } => {
            said("more-than-planned").with("due", due).with("planned", planned).with("since", since)
        }
        _ => said(""),
    }
}

impl Coded for DiskTrouble {
    fn message(&self) -> Message {
        let (code, path) = match self {
            DiskTrouble::Full(path) => ("disk-full", path),
            DiskTrouble::ReadOnly(path) => ("disk-read-only", path),
            DiskTrouble::OutOfReach(path) => ("disk-out-of-reach", path),
            DiskTrouble::Failing(path) => ("disk-failing", path),
            DiskTrouble::Silent(path) => ("disk-silent", path),
            _ => return self.to_string().into(),
        };
        Message::new(code, self.to_string()).with("path", path.display())
    }
}

impl Coded for vault::Error {
    fn message(&self) -> Message {
        let said = |code| Message::new(code, self.to_string());
        match self {
            vault::Error::Full(path) => said("disk-full").with("path", path.display()),
            vault::Error::Catalog(_) if self.is_catalog_damage() => catalog_damaged(),
            vault::Error::BadCatalog(_) => said(CATALOG_DAMAGED),
            vault::Error::NotInPlace(path) => said("not-in-place").with("path", path.display()),
            vault::Error::Damaged { id, .. } => said("damaged").with("id", id),
            vault::Error::HoldPast(until) => said("hold-past").with("until", until),
            vault::Error::HoldTooLong { until, longest } => {
                said("hold-too-long").with("until", until).with("longest", longest)
            }
            vault::Error::Unknown(_) => said("unknown-id"),
            vault::Error::SourceGone(_) => said("being-forgotten"),
            vault::Error::Detail(_) => said("stays-look"),
            vault::Error::NoPlan => said("no-preview"),
            vault::Error::HouseholdVersion { .. } => said("changed-meanwhile"),
            vault::Error::NoHold => said("no-hold"),
            vault::Error::NotForgotten { recordings, why } => {
                said("not-forgotten").with("count", recordings).because(why.as_str().into())
            }
            vault::Error::Ledger(vault::ledger::Error::Damaged { .. }) => said("line-damaged"),
            _ => self.failed_disk().as_ref().map_or_else(|| said(""), Coded::message),
        }
    }
}

/// The disk is named, and what to do; what the system says of it is for the hub's log.
impl Coded for FailedDisk {
    fn message(&self) -> Message {
        const NEXT: &str = "failed, and the hub's log says how; nothing was acknowledged. Check that disk and its free space, and do it again";
        match self {
            FailedDisk::Data => {
                let text = format!("the disk of the data folder, or a database on it, {NEXT}");
                Message::new("disk-failed", text)
            }
            FailedDisk::Strongbox => {
                let text = format!("the disk of the strongbox {NEXT}");
                Message::new("strongbox-disk-failed", text)
            }
            FailedDisk::Of(path) => {
                let text = format!("the disk of {} {NEXT}", path.display());
                Message::new("disk-failed-at", text).with("path", path.display())
            }
        }
    }
}

impl Coded for household::Error {
    fn message(&self) -> Message {
        use household::Error;

        let said = |code| Message::new(code, self.to_string());
        match self {
            Error::BadName { .. } => said("name-missing"),
            Error::HiddenInName { character, .. } => said("name-hides").with("character", character),
            Error::NameTaken { name, .. } => said("name-taken").with("name", name),
            Error::NeedsGuardian(person) => said("needs-guardian").with("person", person),
            Error::NeedsOwner => said("needs-owner"),
            Error::OwnerNotAdult(person) => said("owner-not-adult").with("person", person),
            Error::BornInTheFuture(month) => said("born-in-future").with("month", month),
            Error::NotNext { .. } => said("changed-meanwhile"),
            Error::DatedElsewhere { dated, now } => {
                said("consent-dated-elsewhere").with("dated", dated).with("now", now)
            }
            Error::NotAllowed { signer, .. } => said("not-allowed").with("person", signer),
            _ => said(""),
        }
    }
}

impl Coded for SignInError {
    fn message(&self) -> Message {
        let code = match self {
            SignInError::NotThisKit => "not-this-kit",
            SignInError::NotThisPasskey => "not-this-passkey",
            SignInError::NotTheirOwn => "not-their-own",
            // The words of the problems themselves; what is left is for whoever writes a client.
            _ => "",
        };
        Message::new(code, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use porchlight_protocol::CODES;

    use super::*;

    #[test]
    fn a_reason_stands_beside_the_sentence_that_ends_with_it() {
        let why = "No such file or directory".to_owned();
        let said =
            Warning::MirrorPending { path: "/media/stick".into(), why, since: None, seen: true }.message();
        assert_eq!(said.code, "mirror-behind");
        assert_eq!(said.values["path"], "/media/stick");
        let because = said.because.unwrap();
        assert_eq!((because.code.as_str(), because.text.as_str()), ("", "No such file or directory"));
        assert!(said.text.contains("has not followed (No such file or directory)"), "{}", said.text);
    }

    #[tokio::test]
    async fn a_damaged_catalog_has_the_same_words_wherever_it_is_met() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("catalog.sqlite");
        std::fs::write(&file, [0x5a; 4096]).unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
        let pool = sqlx::SqlitePool::connect_lazy_with(options);
        let garbage = sqlx::query("SELECT 1 FROM moments").fetch_all(&pool).await.unwrap_err();
        let senseless = sqlx::Error::Decode("a row that makes no sense".into());
        for why in [garbage, senseless] {
            let met = vault::Error::Catalog(why);
            let at_start = met.to_string();
            let said = met.message();
            let answered = crate::error::Error::from(met).into_message();
            for said in [&said, &answered] {
                assert_eq!(said.code, CATALOG_DAMAGED, "{}", said.text);
                for words in [
                    "the catalog, catalog.sqlite in the data folder, is damaged",
                    "newest copy of the data folder",
                ] {
                    assert!(
                        said.text.contains(words) && at_start.contains(words),
                        "{} {at_start}",
                        said.text
                    );
                }
                assert!(!said.text.contains("free space"));
            }
        }
        let full = vault::Error::Catalog(sqlx::Error::PoolTimedOut);
        assert_eq!(full.message().code, "disk-failed");
    }

    #[test]
    fn every_code_that_is_given_is_known_and_the_app_has_words_for_it() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut sources = String::new();
        read_all(&home.join("src"), &mut sources);
        read_all(&home.join("../server/src"), &mut sources);
        let app = std::fs::read_to_string(home.join("../../web/src/words/hub.de.ts")).unwrap();

        let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
        assert_eq!(known.len(), CODES.len(), "a code is listed twice");
        let worded = |code: &str| {
            let starts = [format!("'{code}': "), format!("{code}: ")];
            app.lines().any(|line| starts.iter().any(|start| line.trim_start().starts_with(start)))
        };
        for code in &known {
            assert!(sources.contains(&format!("\"{code}\"")), "{code} is listed and never given");
            assert!(worded(code), "{code} has no words in the app");
        }
        for given in sources.split("Message::new(\"").skip(1) {
            let code = given.split('"').next().unwrap_or_default();
            assert!(code.is_empty() || known.contains(code), "{code} is given and not listed");
        }
    }

    fn read_all(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, text);
            } else {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
}
