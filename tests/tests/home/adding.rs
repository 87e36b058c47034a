//! A camera that is looked for, tried and added: by ONVIF, or by the address of its film.

use porchlight_tests::{BadCamera, Home, OnvifCamera, StandInCamera, ids, text, until};
use serde_json::{Value, json};

#[test]
fn a_camera_is_found_tried_and_recorded_by_what_it_says_of_itself_and_never_elsewhere() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let onvif = OnvifCamera::before(&camera);
    let home = Home::quiet();
    home.add_adult("Ben");
    let (user, password) = (StandInCamera::USER, StandInCamera::PASSWORD);
    let at = onvif.service.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();

    // It is found where it answers from, whatever it says, and is nobody's yet.
    let found = home.anna(&["device", "find", "--at", &onvif.listens]).one();
    assert_eq!((text(&found, "host"), text(&found, "name")), ("127.0.0.1", "Front door"), "{found}");
    assert_eq!(text(&found, "address"), onvif.service);
    assert!(found["known"].is_null());
    home.run_as("Ben", &["device", "find", "--at", &onvif.listens]).refused();

    // Without a password it says that it wants one; with a wrong one, that it is wrong.
    let tried = |url: &str| home.anna(&["device", "try", "--url", url]).one();
    let trouble = |tried: &Value| text(&tried["trouble"], "code").to_owned();
    assert_eq!(trouble(&tried(&onvif.service)), "onvif-password-needed");
    let wrong = tried(&format!("http://admin:12345@{at}"));
    assert_eq!((trouble(&wrong).as_str(), &wrong["usual_password"]), ("onvif-wrong-password", &json!(true)));

    // With the right one its streams are there, the largest that can be recorded first, on its own host; and a picture.
    let film = home.file("picture.mp4");
    let url = format!("http://{user}:{password}@{at}");
    let good = home.anna(&["device", "try", "--url", &url, "--out", film.to_str().unwrap()]).one();
    assert!(good["trouble"].is_null(), "{good}");
    assert_eq!(
        (text(&good, "model"), &good["width"], &good["height"]),
        ("Porchlight Stand-in", &json!(640), &json!(360))
    );
    let names: Vec<&str> = good["streams"].as_array().unwrap().iter().map(|one| text(one, "name")).collect();
    assert_eq!(names, ["main", "small", "stills"]);
    assert!(text(&good, "chosen").starts_with("rtsp://127.0.0.1:"), "{good}");
    assert!(!good.to_string().contains(password), "no answer has the password");
    assert!(std::fs::read(&film).unwrap().windows(4).any(|bytes| bytes == b"moof"));

    // That she saw a picture is in the ledger; of tries that showed none there is nothing to tell.
    let lines = home.anna(&["ledger", "list", "--kind", "camera-tried"]).lines();
    assert_eq!((lines.len(), text(&lines[0]["detail"], "host")), (1, "127.0.0.1"));
    assert!(home.list(&[]).is_empty(), "nothing is kept of it");

    // Added by where it is, it is recorded by the stream that it named; and is found as hers then.
    home.add_camera("Porch", &url);
    until("it is recorded", 60, || (home.device("Porch")["recording"] == true).then_some(()));
    until("its film is kept", 30, || (!ids(&home.list(&["--device", "Porch"])).is_empty()).then_some(()));
    let found = home.anna(&["device", "find", "--at", &onvif.listens]).one();
    assert_eq!(text(&found, "known"), "Porch");

    // What is no camera says why, and so does an address of film.
    for (bad, code) in [(BadCamera::Refusing, "camera-refused"), (BadCamera::Garbage, "camera-garbage")] {
        assert_eq!(trouble(&tried(&bad.url())), code);
    }
    let elsewhere = BadCamera::Garbage.url().replace("rtsp://", "http://");
    let elsewhere = elsewhere.split('@').next_back().unwrap().to_owned();
    assert!(["onvif-not-spoken", "onvif-garbage"].contains(&trouble(&tried(&elsewhere)).as_str()));
    home.anna(&["device", "try", "--url", "https://127.0.0.1"]).refused();
    home.anna(&["device", "find", "--at", "nowhere"]).refused();
    let seen = tried(&camera.url());
    assert!(seen["trouble"].is_null() && seen["streams"].as_array().unwrap().is_empty(), "{seen}");
}
