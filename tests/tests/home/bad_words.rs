//! Commands that make no sense: each is refused with what is wrong, and nothing is changed.

use porchlight_tests::{Home, text};

#[test]
fn filters_that_name_nothing_are_refused_by_name() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    for command in [&["list"][..], &["forget", "--yes"], &["export", "--out", "never"]] {
        for (filter, value, named) in [
            ("--device", "Attic", "Attic"),
            ("--person", "Nobody", "Nobody"),
            ("--kind", "smell", "smell"),
            ("--from", "yesterday", "2026-11-23T18:00"),
            ("--to", "2026-13-01", "2026-13-01"),
        ] {
            let why = home.anna(&[command, &[filter, value]].concat()).refused();
            assert!(why.contains(named), "{command:?} {filter} {value}: {why}");
        }
    }
    let why = home.anna(&["list", "--from", "2026-11-23", "--to", "2026-11-22"]).refused();
    assert!(why.contains("--from has to come before --to"), "{why}");
}

#[test]
fn what_was_not_said_is_not_guessed() {
    let home = Home::quiet();
    let why = home.anna(&["forget", "--yes"]).refused();
    assert!(why.contains("--all"), "{why}");
    let why = home.anna(&["forget", "4711", "--yes"]).refused();
    assert!(why.contains("4711"), "{why}");
    home.anna(&["forget", "--all", "--device", "Kitchen"]).refused();
    let why = home.anna(&["open", "4711", "--out", "-"]).refused();
    assert!(why.contains("4711"), "{why}");
    home.anna(&["open", "everything", "--out", "-"]).refused();
    let why = home.anna(&["device", "add", "Porch", "--kind", "camera"]).refused();
    assert!(why.contains("--url"), "{why}");
    let why =
        home.anna(&["device", "add", "Porch", "--kind", "camera", "--url", "https://1.2.3.4/"]).refused();
    assert!(why.contains("rtsp://"), "{why}");
    let why =
        home.anna(&["device", "add", "Hall", "--kind", "microphone", "--url", "rtsp://1.2.3.4/"]).refused();
    assert!(why.contains("only a camera"), "{why}");
    assert!(home.anna(&["device", "list"]).lines().is_empty(), "what was refused left nothing behind");
}

#[test]
fn a_hub_is_only_spoken_to_where_nobody_listens_in() {
    let home = Home::quiet();
    let why = home.anna(&["--hub", "http://192.168.1.20:8420", "list"]).refused();
    assert!(why.contains("192.168.1.20"), "{why}");
    let mut sign_in = vec!["--hub", "http://192.168.1.20:8420", "sign-in", "--name", "Anna"];
    let passphrase = home.passphrase("Anna");
    sign_in.extend(["--passphrase-file", passphrase.to_str().unwrap()]);
    let totp = home.totp("Anna");
    sign_in.extend(["--totp-secret-file", totp.to_str().unwrap()]);
    let why = home.anna(&sign_in).refused();
    assert!(why.contains("not a loopback address"), "{why}");
}

#[test]
fn for_scripts_there_is_json_and_for_people_there_are_words() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    // `lines` takes nothing but JSON objects.
    for command in [
        &["list"][..],
        &["device", "list"],
        &["person", "list"],
        &["consent", "list"],
        &["session", "list"],
        &["policy"],
        &["forget", "--all", "--dry-run"],
        &["export", "--out", home.file("export").to_str().unwrap_or_default()],
    ] {
        let answer = home.anna(command);
        match command[0] {
            // Nothing is kept yet, and an empty export would be taken for a full one.
            "export" => assert!(answer.refused().contains("nothing is kept")),
            _ => drop(answer.lines()),
        }
    }
    assert_eq!(home.words(&["list"]).trim(), "Nothing is kept that fits.");
    assert!(home.words(&["device", "list"]).contains("Anybody can speak here"));
    let policy = home.anna(&["policy"]).one();
    assert!(policy["sentences"].as_array().unwrap().len() > 3);
    assert_eq!(text(&home.device("Kitchen"), "room"), "Kitchen");
    let api: serde_json::Value = serde_json::from_str(&home.words(&["openapi"])).unwrap();
    assert!(api["paths"]["/api/recordings"].is_object());
}
