//! Ending a household at the computer that it lies on.

use std::fs;

use porchlight_tests::{Home, copy_folder};

#[test]
fn a_household_is_ended_by_whoever_sits_at_its_hub_and_types_its_name() {
    let mut home = Home::empty(porchlight_tests::Voice::None);
    let [mirror, away] = ["stick", "drawer"].map(|name| home.file(name));
    let beside = home.strongbox();
    let boxes = [beside.to_str().unwrap(), mirror.to_str().unwrap()];
    home.init(&["--strongbox", boxes[0], "--strongbox", boxes[1]]).one();
    home.serve();
    home.sign_in("Anna").one();
    home.add_microphone("Kitchen");
    let data = home.data();
    let end =
        |home: &Home, more: &[&str]| home.anna(&[&["end", "--data", data.to_str().unwrap()], more].concat());

    let why = end(&home, &["--name", "Anna"]).refused();
    assert!(why.contains("in use") || why.contains("another"), "a hub that runs keeps it: {why}");
    home.stop();
    let why = end(&home, &[]).refused();
    assert!(why.contains("--name Anna"), "{why}");
    let why = end(&home, &["--name", "Tom"]).refused();
    assert!(why.contains("nothing was changed"), "{why}");
    home.serve();
    home.device("Kitchen");
    home.stop();

    // One of its strongboxes is in a drawer.
    let copy = home.file("copy");
    copy_folder(&data, &copy);
    fs::rename(&mirror, &away).unwrap();
    let ended = end(&home, &["--name", "Anna"]);
    assert!(!ended.succeeded(), "it is not ended to the end");
    let said = &ended.json_lines()[0];
    assert_eq!(said["complete"], false);
    assert_eq!(said["unreached"][0]["strongbox"], mirror.to_str().unwrap());
    assert!(!beside.exists());
    let why = home.serve_refused();
    assert!(why.contains("is being ended"), "{why}");

    // It goes on where it was stopped, and asks nobody again.
    fs::rename(&away, &mirror).unwrap();
    let ended = end(&home, &[]).one();
    assert_eq!((&ended["complete"], ended["left"].as_array().unwrap().len()), (&true.into(), 0));
    assert!(!mirror.exists() && !data.exists());
    // An earlier copy of the data folder opens nothing.
    fs::rename(&copy, &data).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("strongbox"), "{why}");
}
