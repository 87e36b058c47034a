//! Cameras that are no good: each is named with what to do, and the others go on.

use porchlight_tests::{BadCamera, Home, StandInCamera, text, until};

#[test]
fn each_bad_camera_is_named_and_the_good_one_goes_on() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let home = Home::quiet();
    let cameras = [
        (
            "Mistyped",
            camera.url_with("not the password"),
            "refuses the user name or the password; correct them",
        ),
        ("Refusing", BadCamera::Refusing.url(), "refused the connection; check that RTSP is switched on"),
        ("Hanging", BadCamera::Hanging.url(), "does not answer; check its power"),
        ("Garbage", BadCamera::Garbage.url(), "does not stream as a camera does"),
        ("Lost", camera.url().replace("/cam", "/garden"), "no stream at this address; look up the path"),
    ];
    for (name, url, _) in &cameras {
        home.add_camera(name, &url.replace(' ', "%20"));
    }
    home.add_camera("Porch", &camera.url());

    for (name, _, sentence) in &cameras {
        let mut last = String::new();
        let named = || {
            let device = home.device(name);
            assert_eq!(device["recording"], false);
            last = text(&device, "state").to_owned();
            last.contains(sentence).then_some(())
        };
        until(&format!("{name} says `{sentence}`"), 60, named);
        assert!(last.contains("Not recording since"), "{last}");
    }
    let good = || home.list(&["--device", "Porch"]).len() >= 2;
    until("the good camera is recorded", 60, || good().then_some(()));
    assert_eq!(home.device("Porch")["recording"], true);

    let doctor = home.anna(&["doctor"]);
    assert!(!doctor.succeeded());
    let checks = doctor.json_lines();
    for (name, _, sentence) in &cameras {
        let check = checks.iter().find(|check| check["name"] == format!("camera {name}")).unwrap();
        assert!(check["state"] == "bad" && text(check, "sentence").contains(sentence), "{check}");
    }
    let secrets = [StandInCamera::PASSWORD, "not the password", "not%20the%20password"];
    assert!(secrets.iter().all(|secret| !home.log().contains(secret)), "{}", home.log());
}
