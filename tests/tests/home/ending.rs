//! Ending a household at the computer that it lies on.

use std::fs;

use porchlight_tests::{Home, copy_folder};
use rustix::fs::{CWD, Mode, mkfifoat};
use serde_json::{Value, json};

/// The household's id, as its data folder says.
fn household(home: &Home) -> String {
    let mark: Value =
        serde_json::from_slice(&fs::read(home.data().join("porchlight.json")).unwrap()).unwrap();
    mark["household"].as_str().unwrap().to_owned()
}

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

    // Somebody who can write to the data folder says there that it is ended, and is believed in nothing.
    let (mark, slot) = (data.join("ending"), beside.join("slot-1"));
    let id = household(&home);
    let planted = json!({ "format": 1, "household": id, "strongboxes": [], "destroyed": boxes });
    fs::write(&mark, planted.to_string()).unwrap();
    let why = home.serve_refused();
    assert!(
        why.contains("Keys of it are still in") && why.contains(boxes[0]) && !why.contains("destroyed"),
        "{why}"
    );
    let why = end(&home, &[]).refused();
    assert!(why.contains("--name Anna") && slot.exists() && data.join("blobs").exists(), "{why}");
    fs::remove_file(&mark).unwrap();
    mkfifoat(CWD, &mark, Mode::RWXU).unwrap();
    let why = end(&home, &["--name", "Anna"]).refused();
    assert!(why.contains("is no file") && slot.exists(), "{why}");
    fs::remove_file(&mark).unwrap();

    // One of its strongboxes is in a drawer, and one that was mistyped is nowhere.
    let nowhere = home.file("nowhere");
    let why = end(&home, &["--name", "Anna", "--strongbox", nowhere.to_str().unwrap()]).refused();
    assert!(why.contains("nowhere") && slot.exists() && !mark.exists(), "{why}");
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

    // It goes on where it was stopped, however its folder is written, and asks before it destroys what is found.
    fs::rename(&away, &mirror).unwrap();
    let why = end(&home, &[]).refused();
    assert!(why.contains("--name Anna") && mirror.join("slot-1").exists(), "{why}");
    let respelled = data.join("../data");
    let ended = home.anna(&["end", "--data", respelled.to_str().unwrap(), "--name", "Anna"]).one();
    assert_eq!(ended["complete"], true);
    assert_eq!((&ended["destroyed"], &ended["noted"]), (&json!([boxes[1]]), &json!([boxes[0]])));
    assert_eq!((&ended["unreached"], &ended["left"]), (&json!([]), &json!([])));
    assert!(!mirror.exists() && !data.exists());
    // An earlier copy of the data folder opens nothing.
    fs::rename(&copy, &data).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("strongbox"), "{why}");
}

#[test]
fn what_each_strongbox_knows_of_the_others_is_ended_too_in_whatever_order_they_are_there() {
    let mut home = Home::empty(porchlight_tests::Voice::None);
    let [strongbox, mirror, drawer] = ["box", "stick", "drawer"].map(|name| home.file(name));
    let [first, second] = [&strongbox, &mirror].map(|path| path.to_str().unwrap().to_owned());
    home.init(&["--strongbox", &first, "--strongbox", &second]).one();
    home.serve_with(&["--strongbox", &first]);
    home.stop();
    let (data, id) = (home.data(), household(&home));
    let end = |name: &str| {
        let ended = home.anna(&["end", "--data", data.to_str().unwrap(), "--name", name]);
        let said = ended.json_lines().remove(0);
        assert_eq!(said["complete"], ended.succeeded(), "{said}");
        said
    };
    let named = |said: &Value| {
        said["unreached"].as_array().unwrap().iter().map(|it| it["strongbox"].clone()).collect::<Value>()
    };

    // The one that was served is away, and nothing here knows of its mirror.
    fs::rename(&strongbox, &drawer).unwrap();
    let said = end(&id);
    assert_eq!((&said["destroyed"], named(&said)), (&json!([]), json!([first])));
    // It knows of it, and that is away now.
    fs::rename(&drawer, &strongbox).unwrap();
    fs::rename(&mirror, &drawer).unwrap();
    let said = end("Anna");
    assert_eq!((&said["destroyed"], named(&said)), (&json!([first]), json!([second])));
    // With nothing in reach nobody has to agree to anything, and nothing is looked for that never was.
    let again = home.anna(&["end", "--data", data.to_str().unwrap()]);
    assert_eq!(named(&again.json_lines()[0]), json!([second]));
    fs::rename(&drawer, &mirror).unwrap();
    let said = end("Anna");
    assert_eq!((&said["destroyed"], named(&said)), (&json!([second]), json!([])));
    assert!(!strongbox.exists() && !mirror.exists() && !data.exists());
}
