//! Folders that a hub must not serve: each is refused by name before anything is changed.

use std::fs;
use std::process::Command;

use porchlight_tests::{Home, files_below, porchlight};

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
    assert!(why.contains("no vault at") && why.contains("data"), "{why}");
    fs::create_dir(home.data()).unwrap();
    fs::write(home.data().join("porchlight.json"), "{ this was a mark").unwrap();
    fs::create_dir(home.strongbox()).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("porchlight.json") && why.contains("damaged"), "{why}");
}

#[test]
fn nothing_is_served_to_a_network_unencrypted() {
    let home = Home::made();
    let data = home.data();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8420"] {
        let why = home.anna(&["serve", "--listen", address, "--data", data.to_str().unwrap()]).refused();
        assert!(why.contains("not a loopback address") && why.contains("127.0.0.1"), "{why}");
    }
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
