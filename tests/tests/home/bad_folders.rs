//! Folders that a hub must not serve: each is refused by name before anything is changed.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::process::Command;

use porchlight_tests::{BadCamera, Home, files_below, porchlight, text, until};

#[test]
fn one_folder_has_one_hub() {
    let home = Home::quiet();
    let second = Command::new("timeout")
        .arg("30")
        .arg(porchlight())
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(home.data())
        .output()
        .unwrap();
    let why = String::from_utf8(second.stderr).unwrap();
    assert_eq!((second.status.code(), second.stdout.len()), (Some(1), 0), "{why}");
    assert!(why.contains("another hub") && why.contains("stop it first"), "{why}");
    home.list(&[]);
}

#[test]
fn a_data_folder_without_its_strongbox_is_not_served() {
    let mut home = Home::made();
    let away = home.file("away");
    fs::rename(home.strongbox(), &away).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("strongbox") && why.contains("is missing") && why.contains("put it back"), "{why}");
    assert!(files_below(&home.strongbox()).is_empty(), "a new one could open nothing, and is never made");

    let other = Home::made();
    fs::rename(other.strongbox(), home.strongbox()).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("belongs to household"), "{why}");

    fs::remove_dir_all(home.strongbox()).unwrap();
    fs::rename(away, home.strongbox()).unwrap();
    home.serve();
}

#[test]
fn a_folder_that_is_named_for_another_is_told_as_what_it_is_by_every_command() {
    let home = Home::made();
    let (data, strongbox) = (home.data(), home.strongbox());
    let (data, strongbox) = (data.to_str().unwrap(), strongbox.to_str().unwrap());
    let is_box = format!("{strongbox} is a strongbox, and no data folder: name the data folder");
    let is_data = format!(
        "{data} is a data folder, and no strongbox: name it with --data, and its strongbox, which is {strongbox}"
    );
    for (words, told) in [
        (&["serve", "--data", strongbox][..], &is_box),
        (&["serve", "--data", strongbox, "--strongbox", data], &is_box),
        (&["serve", "--data", data, "--strongbox", data], &is_data),
        (&["strongbox", "keep", data], &is_data),
    ] {
        let why = home.anna(words).refused();
        assert!(why.contains(told), "{words:?}: {why}");
    }
    let (checks, _) = (home.anna(&["doctor", "--data", strongbox]).json_lines(), ());
    assert!(text(&checks[0], "sentence").contains(&is_box), "{checks:?}");
}

#[test]
fn a_folder_that_was_mistyped_is_told_as_what_is_there_by_every_command() {
    let home = Home::empty(porchlight_tests::Voice::None);
    let path = |name: &str| home.file(name).to_str().unwrap().to_owned();
    fs::create_dir(home.file("empty")).unwrap();
    fs::write(home.file("file"), "x").unwrap();
    let (nowhere, file, empty) = (path("nowhere"), path("file"), path("empty"));
    for (folder, there) in [
        (&nowhere, format!("there is nothing at {nowhere}")),
        (&file, format!("{file} is a file, and no folder")),
        (&path("file/below"), "above it is a file".to_owned()),
        (&empty, format!("{empty} is an empty folder")),
    ] {
        for words in [&["serve", "--data", folder][..], &["strongbox", "keep", folder]] {
            let why = home.anna(words).refused();
            assert!(why.contains(&there) && !why.contains("os error"), "{words:?}: {why}");
            assert!(why.contains("porchlight"), "what was looked for: {why}");
        }
        let check = &home.anna(&["doctor", "--data", folder]).json_lines()[0];
        let said = text(check, "sentence");
        assert!(said.contains(&there) && said.contains("--data"), "{said}");
    }
    for words in [&["receipt", "verify", &nowhere][..], &["receipt", "verify", &empty]] {
        let why = home.anna(words).refused();
        assert!(why.contains("cannot read") && !why.contains("os error"), "{words:?}: {why}");
    }
}

#[test]
fn a_strongbox_never_lies_in_the_data_folder_however_that_is_named() {
    let home = Home::empty(porchlight_tests::Voice::None);
    let folder = |name: &str| home.file(name).to_str().unwrap().to_owned();
    let make = |data: &str, more: &[&str]| {
        let passphrase = folder("Anna.passphrase");
        let kit = folder(&format!("kit of {}", data.replace('/', " ")));
        let init = ["init", "--owner", "Anna", "--passphrase-file", &passphrase, "--recovery-kit", &kit];
        home.anna(&[&init[..], &["--data", data], more].concat())
    };
    for (data, named) in [("a", "a/"), ("b", "b/."), ("c", "c//")] {
        fs::create_dir(home.file(data)).unwrap();
        make(&format!("{}/{}", home.file("").display(), named), &[]).one();
        assert!(home.file(&format!("{data}.strongbox")).join("slot-1").exists(), "{named}");
        let inside = files_below(&home.file(data)).into_iter().filter(|file| file.ends_with("slot-1"));
        assert_eq!(inside.count(), 0, "{named}");
    }
    std::os::unix::fs::symlink(home.file("d/box"), home.file("link")).unwrap();
    let (d, inside, link, beside) = (folder("d"), folder("d/box"), folder("link"), folder("e"));
    for strongboxes in [&[&inside][..], &[&link], &[&d], &[&beside, &inside], &[&beside, &beside]] {
        let named = strongboxes.iter().flat_map(|folder| ["--strongbox", folder.as_str()]);
        let why = make(&d, &named.collect::<Vec<_>>()).refused();
        assert!(why.contains("Name another folder for it"), "{strongboxes:?}: {why}");
    }
    assert!(!home.file("d").exists() && !home.file("e").exists(), "nothing was made");
    assert!(
        !home.file(&format!("kit of {}", d.replace('/', " "))).exists(),
        "nor the kit of a household that is not"
    );
    // What is to be done next works as it is said.
    let (passphrase, kit) = (folder("Anna.passphrase"), folder("kit-of-f"));
    let (f, apart) = (folder("the f"), folder("strongbox of Anna's f"));
    let init = ["init", "--owner", "Anna", "--passphrase-file", &passphrase, "--recovery-kit", &kit];
    let told = home.words(&[&init[..], &["--data", &f, "--strongbox", &apart]].concat());
    // What nobody said is not made up without a word.
    assert!(told.contains("Nobody said when Anna was born, so 1980-01 is put down"), "{told}");
    let next = told.split("Next: ").nth(1).unwrap();
    let words = Command::new("sh").args(["-c", &format!("printf '%s\\n' {next}")]).output().unwrap();
    let words = String::from_utf8(words.stdout).unwrap();
    let words: Vec<&str> = words.lines().collect();
    assert_eq!(words, ["porchlight", "serve", "--data", &f, "--strongbox", &apart], "{told}");
}

#[test]
fn a_name_that_is_no_text_is_named_as_the_cause_by_every_command() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let home = Home::empty(porchlight_tests::Voice::None);
    let bad = OsStr::from_bytes(b"/tmp/b\xffd");
    for words in [
        &["serve", "--data"][..],
        &["serve", "--data", "d", "--strongbox"],
        &["doctor", "--data"],
        &["export", "--out"],
        &["open", "7", "--out"],
        &["strongbox", "keep"],
        &["receipt", "verify"],
        &["prove-gone", "receipt", "--in"],
        &["sign-in", "--hub", "http://127.0.0.1:1", "--name", "Anna", "--passphrase-file"],
    ] {
        for json in [false, true] {
            let mut command = Command::new(porchlight());
            command.args(words).arg(bad).args(json.then_some("--json")).current_dir(home.file(""));
            let done = command.output().unwrap();
            let why = String::from_utf8(done.stderr).unwrap();
            assert_eq!(done.status.code(), Some(2), "{words:?}: {why}");
            assert!(why.contains("is not text in UTF-8") && !why.contains("disk"), "{words:?}: {why}");
            let problem = serde_json::from_str::<serde_json::Value>(&why);
            assert_eq!(problem.is_ok_and(|problem| problem["error"] == "not-text"), json, "{why}");
        }
    }
    let mut command = Command::new(porchlight());
    let done = command.arg("doctor").env("PORCHLIGHT_DATA", bad).output().unwrap();
    let why = String::from_utf8(done.stderr).unwrap();
    assert!(why.contains("PORCHLIGHT_DATA is set to"), "{why}");
}

#[test]
fn nothing_that_was_taken_out_is_written_where_a_household_lies() {
    let home = Home::quiet();
    let entries = || home.anna(&["ledger", "list"]).lines().len();
    let before = entries();
    let path = |name: &str| home.file(name).to_str().unwrap().to_owned();
    std::os::unix::fs::symlink(home.data(), home.file("link")).unwrap();
    for folder in ["data", "data/blobs", "data.strongbox", "link"].map(path) {
        let file = format!("{folder}/out");
        for command in [
            &["export", "--out", &folder][..],
            &["ledger", "export", "--out", &folder],
            &["open", "7", "--out", &file],
            &["ask", "What time is it?", "--out", &file],
            &["say", "sound.wav", "--out", &file],
            &["speak", "Good morning.", "--out", &file],
            &["events", "--count", "1", "--out", &folder],
            &["receipt", "get", "0", "--out", &file],
            &["forget", "--all", "--yes", "--receipt", &file],
        ] {
            let why = home.anna(command).refused();
            assert!(why.contains("name a file elsewhere"), "{command:?}: {why}");
        }
    }
    assert_eq!(entries(), before, "nothing was looked at");
}

#[test]
fn with_json_every_refusal_is_json_and_the_exit_status_is_as_before() {
    let home = Home::quiet();
    for (command, word, status) in [
        (&["list", "--no-such-option"][..], "mistyped", 2),
        (&["open", "7", "--out", "x"], "unknown-id", 1),
        (&["--hub", "http://127.0.0.1:9", "list"], "failed", 1),
        (&["--hub", "nowhere", "sign-in", "--name", "Anna", "--passphrase-file", "/dev/null"], "failed", 1),
        (&["receipt", "verify", "no-such-file"], "failed", 1),
        (&["serve", "--data", "no-such-folder"], "failed", 1),
    ] {
        let answer = home.anna(command);
        assert_eq!(answer.status(), Some(status), "{command:?}: {}", answer.messages);
        assert_eq!(answer.refused_as(), word, "{command:?}");
        home.anna(command).refused();
    }
    // What is no failure is told as ever.
    let help = home.anna(&["help"]);
    assert!(help.succeeded() && help.messages.is_empty() && !help.out.is_empty());
}

#[test]
fn no_secret_is_written_where_a_household_lies_nor_two_into_one_file() {
    let home = Home::empty(porchlight_tests::Voice::None);
    let path = |name: &str| home.file(name).to_str().unwrap().to_owned();
    let passphrase = path("Anna.passphrase");
    let init = |kit: &str, totp: &str| {
        let (data, mirror, kit, totp) = (path("d"), path("m"), path(kit), path(totp));
        let folders = ["--data", &data, "--strongbox", &path("d.strongbox"), "--strongbox", &mirror];
        let secrets = ["--passphrase-file", &passphrase, "--recovery-kit", &kit, "--totp-secret-file", &totp];
        home.anna(&[&["init", "--owner", "Anna"][..], &folders, &secrets].concat())
    };
    fs::create_dir(home.file("d")).unwrap();
    std::os::unix::fs::symlink("d", home.file("link")).unwrap();
    let inside = ["d/kit", "d/./kit", "link/kit", "d.strongbox/kit", "m/kit"];
    for (kit, totp) in inside.map(|file| (file, "totp")).into_iter().chain(inside.map(|file| ("kit", file))) {
        let why = init(kit, totp).refused();
        assert!(why.contains("name a file elsewhere"), "{kit} {totp}: {why}");
    }
    for same in ["kit", "./kit", "link/../kit"] {
        let why = init("kit", same).refused();
        assert!(why.contains("name a file for each"), "{same}: {why}");
    }
    assert!(files_below(&home.file("d")).is_empty() && !home.file("d.strongbox").exists());
    assert!(!home.file("kit").exists(), "nor the kit of a household that is not");

    let home = Home::quiet();
    home.new_passphrase("Tom");
    home.add_microphone("Hall");
    fs::create_dir(home.file("elsewhere")).unwrap();
    std::os::unix::fs::symlink(home.data(), home.file("link")).unwrap();
    let path = |name: &str| home.file(name).to_str().unwrap().to_owned();
    let (passphrase, free) = (path("Tom.passphrase"), path("elsewhere/kit"));
    let tom = ["--hub", home.address(), "join", "AAAA-AAAA-AAAA", "--passphrase-file", &passphrase];
    for file in ["data/kit", "data/blobs/kit", "data.strongbox/kit", "link/kit"].map(path) {
        for command in [
            [&tom[..], &["--recovery-kit", &file]].concat(),
            [&tom[..], &["--recovery-kit", &free, "--totp-secret-file", &file]].concat(),
            vec!["account", "new-kit", "--recovery-kit", &file],
            vec!["device", "credential", "Hall", "--out", &file],
        ] {
            let why = home.anna(&command).refused();
            assert!(why.contains("name a file elsewhere"), "{command:?}: {why}");
        }
    }
    let why =
        home.anna(&[&tom[..], &["--recovery-kit", &free, "--totp-secret-file", &free]].concat()).refused();
    assert!(why.contains("name a file for each"), "{why}");
    assert_eq!(home.anna(&["person", "list"]).lines().len(), 1);
}

#[test]
fn a_strongbox_that_was_put_into_the_data_folder_is_told_of_until_it_is_moved_as_it_says() {
    let mut home = Home::quiet();
    home.stop();
    let inside = home.data().join(".strongbox");
    fs::rename(home.strongbox(), &inside).unwrap();
    home.serve();
    let told = home.anna(&["doctor"]);
    let checks = told.json_lines();
    let told = checks.iter().find(|check| check["state"] == "bad" && check["name"] == "strongbox").unwrap();
    let sentence = told["sentence"].as_str().unwrap();
    assert!(home.log().contains(sentence), "`serve` says it too");
    let mut page = porchlight_tests::Page::open(&home);
    page.sign_in(&home, "Anna");
    let (_, concerns) = page.get("/api/attention");
    assert_eq!(concerns[0]["said"]["code"], "strongbox-in-data", "{concerns}");

    // What it says to do, done.
    home.stop();
    let command = sentence.split('`').find(|words| words.starts_with("mv ")).unwrap();
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    fs::rename(words[0], words[1]).unwrap();
    home.serve();
    assert!(
        home.anna(&["doctor"])
            .json_lines()
            .iter()
            .all(|check| check["name"] != "strongbox" || check["state"] != "bad")
    );
    assert!(!inside.exists() && home.strongbox().exists());
}

#[test]
fn what_a_newer_release_wrote_is_not_touched() {
    let mut home = Home::made();
    for file in [home.data().join("porchlight.json"), home.strongbox().join("porchlight-strongbox.json")] {
        let before = fs::read_to_string(&file).unwrap();
        let mut mark: serde_json::Value = serde_json::from_str(&before).unwrap();
        let version = mark.as_object_mut().unwrap().values_mut().find(|value| value.is_u64()).unwrap();
        *version = 99.into();
        let newer = mark.to_string();
        fs::write(&file, &newer).unwrap();
        let why = home.serve_refused();
        assert!(why.contains("format 99") && why.contains("newer release"), "{why}");
        assert_eq!(fs::read_to_string(&file).unwrap(), newer);
        fs::write(&file, before).unwrap();
    }
    home.serve();
}

#[test]
fn a_folder_that_is_no_household_is_named() {
    let mut home = Home::empty(porchlight_tests::Voice::None);
    let why = home.serve_refused();
    assert!(why.contains("there is nothing at") && why.contains("data"), "{why}");
    fs::create_dir(home.data()).unwrap();
    fs::write(home.data().join("porchlight.json"), "{ this was a mark").unwrap();
    fs::create_dir(home.strongbox()).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("porchlight.json") && why.contains("damaged"), "{why}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = Home::made();
    let data = home.data();
    let why = home.anna(&["serve", "--listen", &address, "--data", data.to_str().unwrap()]).refused();
    assert!(why.contains(&address) && why.contains("--listen"), "{why}");
}

/// Somebody who can write to everything but the keys: they put a reader, a guardian and a consent where the hub keeps such things.
#[test]
fn whoever_writes_to_the_folders_adds_no_reader_no_guardian_and_no_consent() {
    let mut home = Home::quiet();
    home.add_adult("Tom");
    home.stop();
    let document = files_below(&home.strongbox())
        .into_iter()
        .find(|file| file.file_name().unwrap().to_string_lossy().starts_with("household-"))
        .unwrap();
    let honest = fs::read_to_string(&document).unwrap();
    let kit = |home: &Home| fs::read_to_string(home.kit("Anna")).unwrap();
    let public = |kit: &str| {
        let at = kit.find("age1").unwrap();
        kit[at..].split_whitespace().next().unwrap().to_owned()
    };
    let (anna, stranger) = (public(&kit(&home)), public(&kit(&Home::made())));
    assert!(honest.contains(&anna), "the document names its readers");

    // In the document itself: another reader in Anna's place, another word for who Tom is, another version beside it.
    for forged in [honest.replace(&anna, &stranger), honest.replacen("Tom", "Tim", 1)] {
        assert_ne!(forged, honest);
        fs::write(&document, &forged).unwrap();
        let why = home.serve_refused();
        assert!(why.contains("were changed") && why.contains("household-"), "{why}");
        let looked = home.anna(&["doctor", "--data", home.data().to_str().unwrap()]);
        let checks = looked.json_lines();
        let document = checks.iter().find(|check| check["name"] == "household").unwrap();
        assert!(!looked.succeeded() && text(document, "state") == "bad", "{document}");
    }
    fs::write(&document, &honest).unwrap();
    let next = document.with_file_name("household-99.json");
    fs::write(&next, honest.replace(&anna, &stranger)).unwrap();

    // And in the databases: a session of their own for Anna.
    let forge = "import sqlite3, sys, hashlib\n\
        db = sqlite3.connect(sys.argv[1])\n\
        person = db.execute('SELECT person FROM session').fetchone()[0]\n\
        token = hashlib.sha256(b'a' * 32).digest()\n\
        columns = 'id, token_hash, person, client, started_ms, seen_ms, fresh_ms'\n\
        db.execute(f'INSERT INTO session ({columns}) VALUES (?, ?, ?, ?, 4000000000000, 4000000000000, 4000000000000)', ('f', token, person, 'x'))\n\
        db.commit()";
    let forged =
        Command::new("python3").args(["-c", forge]).arg(home.data().join("hub.sqlite")).status().unwrap();
    assert!(forged.success());
    home.serve();
    let state = home.file("Anna.state").join("porchlight/sessions.json");
    let session = fs::read_to_string(&state).unwrap();
    let token =
        serde_json::from_str::<serde_json::Value>(&session).unwrap()["sessions"][home.address()]["token"]
            .as_str()
            .unwrap()
            .to_owned();
    fs::write(&state, session.replace(&token, &"YWFh".repeat(11)[..43])).unwrap();
    assert!(home.anna(&["list"]).refused().contains("sign in again"));
    fs::write(&state, session).unwrap();

    // What is kept from now on is sealed to the household as it was signed, and to nobody else.
    let people = home.anna(&["person", "list"]).lines();
    assert_eq!(people.len(), 2);
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let line = home.anna(&["ledger", "list", "--kind", "household"]).lines();
    assert!(!line.is_empty());
    for file in files_below(&home.strongbox()) {
        let bytes = fs::read(&file).unwrap();
        let forged = bytes.windows(stranger.len()).any(|here| here == stranger.as_bytes());
        assert!(!forged, "{} names the stranger", file.display());
    }
}

#[test]
fn a_log_that_cannot_be_written_ends_no_hub() {
    let mut home = Home::made();
    // A full disk; a pipe that nobody reads any more.
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let closed = || File::from(OwnedFd::from(std::io::pipe().unwrap().1));
    for unwritable in [full as fn() -> File, closed] {
        home.errors_to(unwritable());
        // It warns at its start, for it has no models.
        home.serve();
        home.sign_in("Anna").one();
        home.add_camera("Nowhere", &BadCamera::Refusing.url());
        // It writes down that the camera is not recorded.
        until("the camera is looked for", 30, || {
            home.device("Nowhere")["state"].as_str().unwrap().starts_with("It has not recorded").then_some(())
        });
        home.anna(&["device", "remove", "Nowhere", "--yes"]).one();
        home.stop();
    }
}
