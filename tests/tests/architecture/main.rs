//! The arrows of ARCHITECTURE.md, held against the manifests: a room knows the rooms it may know, and no others.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the tree must fail")]

mod circles;
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use porchlight_tests::without_tests;

/// What each room may know, as ARCHITECTURE.md draws it.
const ARROWS: [(&str, &[&str]); 11] = [
    ("porchlight", &["client", "hub", "protocol", "server"]),
    ("server", &["household", "hub", "protocol", "vault", "voice"]),
    ("client", &["camera", "household", "protocol", "vault"]),
    ("hub", &["camera", "household", "protocol", "vault", "voice"]),
    ("protocol", &["household"]),
    ("vault", &["keyring", "ledger"]),
    ("keyring", &[]),
    ("ledger", &[]),
    ("household", &[]),
    ("voice", &[]),
    ("camera", &[]),
];

/// Words of the product that the two general libraries never use.
const PRODUCT_WORDS: [&str; 7] =
    ["recording", "camera", "voice", "transcript", "household", "audience", "consent"];

#[test]
fn every_arrow_is_drawn_and_no_others_are() {
    let drawn: BTreeMap<_, BTreeSet<_>> = ARROWS
        .iter()
        .map(|(room, knows)| ((*room).to_owned(), knows.iter().map(|k| (*k).to_owned()).collect()))
        .collect();
    let mut built = BTreeMap::new();
    for folder in fs::read_dir(root().join("crates")).unwrap() {
        let folder = folder.unwrap();
        let manifest = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        let knows: BTreeSet<String> = dependencies
            .lines()
            .filter_map(|line| line.strip_prefix("porchlight-"))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .map(str::to_owned)
            .collect();
        built.insert(folder.file_name().into_string().unwrap(), knows);
    }
    assert_eq!(built, drawn, "the manifests (left) and the arrows of ARCHITECTURE.md (right) differ");
}

#[test]
fn what_follows_tests_that_are_only_declared_is_read_too() {
    let code = "#[cfg(test)]\nmod sequences;\n\nuse crate::a;\n";
    for tests in
        ["#[cfg(test)]\nmod tests {\n}\n", "#[cfg(test)]\n#[cfg(feature = \"faults\")]\nmod tests {\n}\n", ""]
    {
        assert_eq!(without_tests(&format!("{code}{tests}")), code);
    }
}

#[test]
fn keyring_and_ledger_use_no_word_of_the_product() {
    for room in ["keyring", "ledger"] {
        for (file, text) in sources(&root().join("crates").join(room).join("src")) {
            let code = without_tests(&text);
            for (number, line) in code.lines().enumerate() {
                let line = line.to_lowercase();
                for word in PRODUCT_WORDS {
                    let found = line
                        .split(|c: char| !c.is_alphanumeric())
                        .any(|token| token == word || token == format!("{word}s"));
                    assert!(
                        !found,
                        "{file}:{}: `{word}` is a word of the product; this library knows none",
                        number + 1
                    );
                }
            }
        }
    }
}

#[test]
fn voice_and_camera_touch_no_disk_while_they_run() {
    // Loading models at the start is the one exception, and has a file of its own.
    for (room, exceptions) in [("camera", &[][..]), ("voice", &["models.rs"][..])] {
        for (file, text) in sources(&root().join("crates").join(room).join("src")) {
            if exceptions.iter().any(|name| file.ends_with(name)) {
                continue;
            }
            let code = without_tests(&text);
            for call in
                ["File::create", "fs::write", "OpenOptions", "create_dir", "tempfile", "NamedTempFile"]
            {
                assert!(!code.contains(call), "{file}: `{call}`: this room knows no disk");
            }
        }
    }
}

/// The app says that a microphone does not listen by itself. Whoever builds what does so looks at those sentences again.
#[test]
fn nothing_listens_by_itself() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let models = fs::read_to_string(root().join("models/models.toml")).unwrap();
    for capture in ["cpal", "alsa", "portaudio", "libpulse-binding", "pipewire", "oww-rs", "rustpotter"] {
        assert!(!lock.contains(&format!("name = \"{capture}\"")), "{capture} takes sound from a microphone");
    }
    for wake in ["wake", "openwakeword", "microwakeword"] {
        assert!(
            !models.to_lowercase().contains(wake),
            "there is a model that listens for a wake word: {wake}"
        );
    }
}

/// The app and the policy say of some purposes and kinds that there is nothing of them yet.
#[test]
fn nothing_is_made_of_what_nobody_built() {
    for (file, text) in sources(&root().join("crates/hub/src")) {
        // What is forgotten by voice is named there, and nothing is made.
        if file.ends_with("assistant/forgetting.rs") {
            continue;
        }
        for unbuilt in [
            "Kind::Voiceprint",
            "Kind::Snapshot",
            "Purpose::Recognition",
            "Purpose::Training",
            "Purpose::Sharing",
            "Purpose::Reminder",
        ] {
            assert!(
                !text.contains(unbuilt),
                "{file} makes something of `{unbuilt}`: look again at what is said of it"
            );
        }
    }
}

/// The hub's half of a sign-in never sees a passphrase, nor an identity: what makes and unwraps those is in a crate that it does not link.
#[test]
fn neither_the_hub_nor_its_server_links_the_client() {
    for room in ["hub", "server"] {
        let manifest = fs::read_to_string(root().join("crates").join(room).join("Cargo.toml")).unwrap();
        let linked = manifest.split("[dev-dependencies]").next().unwrap();
        assert!(!linked.contains("porchlight-client"), "{room} links the client");
    }
}

/// A kind of refusal is a status in one place; whatever the hub does it does for whoever asks, by HTTP or not.
#[test]
fn the_hub_knows_no_http() {
    for (file, text) in sources(&root().join("crates/hub/src")) {
        for word in ["axum", "hyper::", "StatusCode", "HeaderMap"] {
            assert!(!text.contains(word), "{file}: `{word}`: this room knows no HTTP");
        }
    }
}

/// Everything in memory lets go of what is forgotten, so nothing is forgotten past where that is seen to.
#[test]
fn there_is_one_door_to_the_vaults_forgetting() {
    for room in ["hub", "server"] {
        for (file, text) in sources(&root().join("crates").join(room).join("src")) {
            let is_door = file.ends_with("hub/src/deletion/mod.rs");
            for call in ["vault.forget(", "vault.expire("] {
                assert!(is_door || !text.contains(call), "{file} calls `{call}…)` past `deletion`");
            }
        }
    }
}

#[test]
fn every_migration_is_made() {
    for (room, listed) in [("vault", "catalog/mod.rs"), ("hub", "store.rs")] {
        let room = root().join("crates").join(room);
        let listed = fs::read_to_string(room.join("src").join(listed)).unwrap();
        for file in fs::read_dir(room.join("migrations")).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            let (version, name) = file.strip_suffix(".sql").and_then(|file| file.split_once('_')).unwrap();
            let version: i64 = version.parse().unwrap();
            let listed = listed.split("Migration {").any(|one| {
                one.contains(&format!("version: {version},"))
                    && one.contains(&format!("name: \"{name}\""))
                    && one.contains(&format!("migrations/{file}\")"))
            });
            assert!(listed, "{file} is in no list");
        }
    }
}

fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
