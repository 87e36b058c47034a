//! Cameras that are no good: each is named with what to do, and the others go on.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use porchlight_tests::{BadCamera, Home, StandInCamera, Voice, text, until};
use serde_json::{Value, json};

#[test]
fn each_bad_camera_is_named_and_the_good_one_goes_on() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let home = Home::quiet();
    home.add_adult("Tom");
    home.sign_in("Tom").one();
    let cameras = [
        (
            "Mistyped",
            camera.url_with("not the password"),
            "refuses the user name or the password; change its address and password",
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
        assert!(last.contains("It has not recorded yet"), "{last}");
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

    // The password is typed again, and nothing else is lost or made anew.
    let before = home.device("Mistyped");
    let address = ["device", "address", "Mistyped", "--url", "-"];
    let refused = home.with_address("Tom", &address, &camera.url()).refused();
    assert!(refused.contains("owner"), "{refused}");
    home.with_address("Anna", &address, &camera.url()).one();
    let recorded = || (home.device("Mistyped")["recording"] == true).then_some(());
    until("the camera whose password was mended is recorded", 60, recorded);
    assert_eq!(home.device("Mistyped")["id"], before["id"]);
    let told = home.anna(&["ledger", "list", "--kind", "household"]).lines();
    let moved = |line: &Value| {
        line["detail"]["changes"].as_array().is_some_and(|all| {
            all.iter().any(|change| change["what"] == "device-nature" && change["name"] == "Mistyped")
        })
    };
    assert!(told.iter().any(moved), "{told:?}");
    home.with_address("Anna", &address, "http://127.0.0.1/").refused();

    let secrets = [StandInCamera::PASSWORD, "not the password", "not%20the%20password"];
    assert!(secrets.iter().all(|secret| !home.log().contains(secret)), "{}", home.log());
}

/// A small disk in memory in the place of a folder, there as long as this is.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where nothing can be mounted: as another user than root, or in a container that lets nobody.
    fn at(folder: &Path) -> Option<SmallDisk> {
        fs::create_dir(folder).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=24m,mode=700", "none"];
        let mounted = Command::new("mount").args(options).arg(folder).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(SmallDisk(folder.to_owned()));
        }
        eprintln!("left out, because no file system can be mounted here; run it as root");
        None
    }

    /// Takes up all the room that is left, until the file that is given is removed.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("other people's files");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[b'x'; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A hub that still runs keeps it until it ends.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Whatever says how the porch's camera is, says that its film is not being kept, and why.
fn not_kept(home: &Home, why: &str) -> Value {
    let porch = until(&format!("the list says `{why}`"), 40, || {
        let porch = home.device("Porch");
        text(&porch, "state").contains(why).then_some(porch)
    });
    assert!(text(&porch, "state").starts_with("Not being kept since "), "{porch}");
    assert_eq!(porch["recording"], false, "{porch}");
    let open: Vec<&Value> =
        porch["missed"].as_array().unwrap().iter().filter(|gap| gap["to"].is_null()).collect();
    assert!(open.len() == 1 && text(open[0], "why").contains(why), "{porch}");
    // Nobody is told of the same stretch twice.
    let minute = |gap: &Value| text(gap, "from")[..16].to_owned();
    let same = |gap: &&Value| minute(gap) == minute(open[0]) && text(gap, "why").contains(why);
    assert_eq!(porch["missed"].as_array().unwrap().iter().filter(same).count(), 1, "{porch}");

    let answer = home.anna(&["ask", "Is the porch camera recording?"]).one();
    let reply = text(&answer, "reply");
    assert!(reply.contains("is not being kept since") && reply.contains(why), "{reply}");
    let doctor = home.anna(&["doctor"]);
    let check = doctor.json_lines().into_iter().find(|check| check["name"] == "camera Porch").unwrap();
    assert!(check["state"] == "bad" && text(&check, "sentence").contains(why), "{check}");
    open[0].clone()
}

/// Without another start it is kept again, and what was not kept in between is written down with its reason.
fn kept_again(home: &Home, gap: &Value, why: &str) {
    let porch = until("it is recorded again", 40, || {
        let porch = home.device("Porch");
        (porch["recording"] == json!(true)).then_some(porch)
    });
    // Written down to the millisecond.
    let begins = |gap: &Value| text(gap, "from")[..19].to_owned();
    let missed = porch["missed"].as_array().unwrap();
    let written = missed.iter().find(|missed| begins(missed) == begins(gap));
    let written = written.unwrap_or_else(|| panic!("the stretch is written down: {porch}"));
    let (from, to): (Timestamp, Timestamp) =
        (text(written, "from").parse().unwrap(), text(written, "to").parse().unwrap());
    assert!(from < to && text(written, "why").contains(why), "{written}");
    let reply = home.anna(&["ask", "Is the porch camera recording?"]).one();
    assert_eq!(text(&reply, "reply"), "Porch is being recorded.");
    let kept = home.list(&["--device", "Porch"]);
    let inside = |film: &Value| {
        let start: Timestamp = text(film, "start").parse().unwrap();
        from <= start && start < to
    };
    assert!(!kept.iter().any(inside), "film of the stretch that was not kept is kept: {written}");
}

#[test]
fn what_is_not_kept_is_not_called_recorded_by_anybody() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let mut home = Home::empty(Voice::None);
    let disk = SmallDisk::at(&home.data());
    home.init(&[]).one();
    home.serve();
    home.sign_in("Anna").one();
    let events = home.events(&[]);
    home.add_camera("Porch", &camera.url());
    let about =
        |recording: bool| move |event: &Value| event["event"] == "camera" && event["recording"] == recording;
    events.wait_for("it is recorded", 40, about(true));
    assert!(!home.list(&["--device", "Porch"]).is_empty(), "what is called recorded is kept");

    /// Begins a fault, and gives what ends it.
    type Fault<'a> = Box<dyn Fn() -> Box<dyn Fn()> + 'a>;
    let blobs = home.data().join("blobs");
    let mut faults: Vec<(&str, Fault<'_>)> = Vec::new();
    if let Some(disk) = &disk {
        faults.push((
            "is full",
            Box::new(|| {
                let filling = disk.fill();
                Box::new(move || fs::remove_file(&filling).unwrap())
            }),
        ));
    }
    faults.push((
        "cannot be written to",
        Box::new(|| {
            let (blobs, elsewhere) = (blobs.clone(), blobs.with_file_name("elsewhere"));
            fs::rename(&blobs, &elsewhere).unwrap();
            fs::write(&blobs, "").unwrap();
            Box::new(move || {
                fs::remove_file(&blobs).unwrap();
                fs::rename(&elsewhere, &blobs).unwrap();
            })
        }),
    ));
    for (why, begin) in &faults {
        let end = begin();
        let told = events.wait_for("that it is not kept is told", 40, about(false));
        assert_eq!(told["said"]["code"], "camera-not-kept", "{told}");
        let gap = not_kept(&home, why);
        end();
        events.wait_for("that it is kept again is told", 40, about(true));
        kept_again(&home, &gap, why);
    }
    home.kill();
}
