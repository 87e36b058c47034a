//! A camera with a password: recorded without gaps, sealed, silent unless an adult wants its sound, and picked up again.

use std::fs;
use std::path::Path;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use porchlight_tests::{Home, StandInCamera, find_bytes, has, ids, number, text, until};
use serde_json::{Value, json};

fn start(recording: &Value) -> Timestamp {
    text(recording, "start").parse().unwrap()
}

fn end(recording: &Value) -> Timestamp {
    start(recording) + SignedDuration::from_secs_f64(recording["seconds"].as_f64().unwrap())
}

/// Waits until so many segments of the porch are kept; in the order of time.
fn segments(home: &Home, at_least: usize, seconds: u64) -> Vec<Value> {
    let mut segments = until("the camera is recorded", seconds, || {
        let segments = home.list(&["--kind", "video", "--device", "Porch"]);
        (segments.len() >= at_least).then_some(segments)
    });
    segments.sort_by_key(start);
    segments
}

/// The kinds of streams that a film has, as an independent player sees them, and how many pictures it can show.
fn play(film: &[u8], file: &Path) -> Option<(Vec<String>, u32)> {
    if !has("ffprobe", "that a segment plays") {
        return None;
    }
    fs::write(file, film).unwrap();
    let probe = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-count_frames",
            "-show_entries",
            "stream=codec_name,nb_read_frames",
            "-of",
            "json",
        ])
        .arg(file)
        .output()
        .unwrap();
    let complaints = String::from_utf8(probe.stderr).unwrap();
    assert!(probe.status.success() && complaints.is_empty(), "the segment does not play: {complaints}");
    let probe: Value = serde_json::from_slice(&probe.stdout).unwrap();
    let streams = probe["streams"].as_array().unwrap();
    let codecs = streams.iter().map(|stream| text(stream, "codec_name").to_owned()).collect();
    let video = streams.iter().find(|stream| stream["codec_name"] == "h264").unwrap();
    Some((codecs, text(video, "nb_read_frames").parse().unwrap()))
}

/// Where a box is first named in a file; its length where it is not.
fn find(file: &[u8], name: &[u8; 4]) -> usize {
    file.windows(4).position(|four| four == name).unwrap_or(file.len())
}

/// How many pictures pieces of film have, each opened by itself.
fn pictures_of(home: &Home, film: &[Value]) -> u32 {
    let each = ids(film).into_iter().map(|id| play(&home.open(id), &home.file("piece.mp4")).unwrap().1);
    each.sum()
}

/// That a clip is as long as its pieces were, and that its pictures come one after the other, as an independent player sees it.
fn whole(clip: &Path, seconds: f64) {
    let shown = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-select_streams",
            "v",
            "-show_entries",
            "packet=pts_time:format=duration",
            "-of",
            "json",
        ])
        .arg(clip)
        .output()
        .unwrap();
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let lasts: f64 = text(&shown["format"], "duration").parse().unwrap();
    assert!((lasts - seconds).abs() < 0.25, "{lasts} seconds of {seconds}");
    let mut times: Vec<f64> = shown["packets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "pts_time").parse().unwrap())
        .collect();
    times.sort_by(f64::total_cmp);
    assert!(times[0] < 0.001, "it begins with a picture: {times:?}");
    for pair in times.windows(2) {
        assert!((0.02..0.2).contains(&(pair[1] - pair[0])), "a gap at {} of {seconds} seconds", pair[0]);
    }
}

#[test]
fn a_camera_is_recorded_into_sealed_segments_without_gaps() {
    let Some(mut camera) = StandInCamera::start(true) else { return };
    let mut home = Home::quiet();
    home.add_camera("Porch", &camera.url());
    let segments = segments(&home, 3, 60);
    let porch = home.device("Porch");
    // What is newest is said with the camera, and opens nothing.
    let last = &porch["last"];
    let newest = home.list(&["--kind", "video", "--device", "Porch"]).pop().unwrap();
    assert!(last["recording"].as_u64() <= newest["id"].as_u64(), "{last}");
    assert!(last["moment"].is_u64() && last["seconds"].as_f64().unwrap() > 0.0, "{last}");
    assert_eq!(porch["recording"], true, "{porch}");
    assert!(text(&porch, "state").contains("640 by 360, without sound"), "{porch}");
    // Shown of its address is the host alone: no user, no password, no path, which can hold one too.
    assert!(
        camera.url().ends_with(&format!("@{}/cam", text(&porch, "address").trim_start_matches("rtsp://"))),
        "{porch}"
    );

    for segment in &segments {
        assert_eq!((text(segment, "owner"), text(segment, "purpose")), ("household", "security"));
        assert!(segment["ends"].is_string() && segment["person"].is_null());
        let seconds = segment["seconds"].as_f64().unwrap();
        assert!((3.0..9.0).contains(&seconds), "cut at the first key frame after four seconds: {seconds}");
    }
    for pair in segments.windows(2) {
        let gap = start(&pair[1]).duration_since(end(&pair[0])).as_secs_f64();
        assert!(gap.abs() < 0.2, "{gap} seconds lie between two segments");
    }

    // Each is a film of its own that any player plays; nobody agreed to the sound that this camera offers.
    let events = home.events(&[]);
    let film = home.open(ids([&segments[1]])[0]);
    assert_eq!(&film[4..8], b"ftyp");
    // Everybody may be in the picture, so everybody is told who looked.
    let told = events.wait_for("the look is told", 10, |event| event["event"] == "looked");
    assert_eq!((text(&told, "person"), &told["devices"]), ("Anna", &json!(["Porch"])), "{told}");
    let looks = home.device("Porch")["looks"].clone();
    assert_eq!((looks.as_array().unwrap().len(), &looks[0]["at"]), (1, &told["at"]), "{looks}");
    assert_eq!((&looks[0]["client"], text(&looks[0], "why")), (&told["client"], "open"));
    // Whoever takes it away is told to have done that, by event, list and ledger.
    let out = home.file("export");
    let taken = ids([&segments[1]])[0].to_string();
    home.anna(&["export", &taken, "--out", out.to_str().unwrap()]).one();
    events.wait_for("the export is told", 10, |event| event["event"] == "looked" && event["why"] == "export");
    assert_eq!(text(&home.device("Porch")["looks"][1], "why"), "export");
    let lines = home.words(&["ledger", "list", "--kind", "look"]);
    let (opened, exported) = (lines.lines().next().unwrap(), lines.lines().last().unwrap());
    assert!(opened.contains("  look ") && opened.contains("Anna asked to open "), "{lines}");
    assert!(
        exported.contains("  export ") && exported.contains("Anna asked to take away as files "),
        "{lines}"
    );
    // Which camera, and when it filmed, stays told when the film is gone.
    let start: jiff::Timestamp = text(&segments[1], "start").parse().unwrap();
    let seen = &home.anna(&["ledger", "list", "--kind", "look"]).lines()[0]["detail"]["said"]["seen"];
    assert_eq!(
        (text(&seen[0], "of"), text(&seen[0], "device"), seen.as_array().unwrap().len()),
        ("film", "Porch", 1),
        "{seen}"
    );
    assert_eq!(text(&seen[0], "from").parse::<jiff::Timestamp>().unwrap(), start);
    for line in [opened, exported] {
        assert!(line.contains(" of Porch, "), "{lines}");
    }
    assert!(!text(&segments[1], "media_type").contains("mp4a"));
    if let Some((streams, pictures)) = play(&film, &home.file("film.mp4")) {
        assert_eq!(streams, ["h264"]);
        let expected = segments[1]["seconds"].as_f64().unwrap() * 15.0;
        assert!((f64::from(pictures) - expected).abs() < 3.0, "{pictures} pictures, {expected} expected");
    }

    // People are told of stretches, and never of pieces: in lists, before forgetting, and by a time in one.
    let told = home.words(&["list", "--device", "Porch"]);
    let line = told.lines().last().unwrap();
    assert!(line.contains("  Porch, ") && line.contains(" seconds  for security, kept until "), "{told}");
    assert!(told.lines().count() <= 2, "one line, or two where midnight lies between: {told}");
    assert!(home.words(&["list", "--device", "Porch", "--each"]).lines().count() >= 3);
    let at = &text(&segments[1], "start")[..19];
    let at = format!("{at}Z");
    let told = home.words(&["forget", "--device", "Porch", "--at", &at, "--dry-run"]);
    assert!(told.contains(" seconds of Porch would go for good:"), "{told}");
    let why = home.anna(&["list", "--device", "Porch", "--at", "2020-01-01T08:40"]).refused();
    assert!(why.contains("no film is kept of 2020-01-01"), "{why}");

    // A stretch that is taken away is one clip, named by when it begins, its camera and its length: sealed, which opens with the kit
    // alone, or ready to play.
    camera.kill();
    let kept = until("nothing of it comes any more", 30, || {
        let before = home.list(&["--kind", "film"]);
        std::thread::yield_now();
        (home.device("Porch")["recording"] == false && before == home.list(&["--kind", "film"]))
            .then_some(before)
    });
    let all: f64 = kept.iter().map(|segment| segment["seconds"].as_f64().unwrap()).sum();
    for (form, ending) in [("age", ".mp4.age"), ("clip", ".mp4")] {
        let out = home.file(form);
        let done =
            home.anna(&["export", "--device", "Porch", "--as", form, "--out", out.to_str().unwrap()]).one();
        let clips = done["clips"].as_array().unwrap();
        let Some((clip, [])) = clips.split_first() else {
            panic!("one clip of a stretch without gaps: {done}")
        };
        assert_eq!(number(&done, "exported"), kept.len() as u64, "{done}");
        let name = text(clip, "file");
        assert!(name.contains(" Porch, ") && name.ends_with(ending), "{name}");
        let files = fs::read_dir(&out).unwrap().count();
        assert_eq!(files, 2, "the clip and the manifest, and nothing unfinished");
        let mut bytes = fs::read(out.join(name)).unwrap();
        if form == "age" {
            if !has("age", "that a clip opens with Debian's age") {
                continue;
            }
            let opened =
                Command::new("age").args(["-d", "-i"]).arg(home.kit("Anna")).arg(out.join(name)).output();
            let opened = opened.unwrap();
            assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
            bytes = opened.stdout;
        } else {
            let (table, media) = (find(&bytes, b"moov"), find(&bytes, b"mdat"));
            assert!(
                table < media && find(&bytes, b"moof") == bytes.len(),
                "ordinary, its table before its media"
            );
        }
        if let Some((streams, pictures)) = play(&bytes, &home.file("clip.mp4")) {
            assert_eq!((streams, pictures), (vec!["h264".to_owned()], pictures_of(&home, &kept)));
            whole(&home.file("clip.mp4"), all);
        }
    }
    let lines = home.words(&["ledger", "list", "--kind", "look"]);
    // After them come those by which the pieces were opened one by one.
    let told = lines.lines().rfind(|line| line.contains("  export ")).unwrap();
    assert!(
        told.contains("Anna asked to take away as files ") && told.contains(" seconds of Porch, "),
        "{lines}"
    );

    // Sealed: neither the film nor the password can be read by whoever has the folders, the log or the household's document.
    home.stop();
    for folder in [home.data(), home.strongbox()] {
        assert_eq!(find_bytes(&folder, &film[film.len() / 2..][..64]), None, "the film itself");
        assert_eq!(find_bytes(&folder, b"ftyp"), None, "any film");
        assert_eq!(find_bytes(&folder, StandInCamera::PASSWORD.as_bytes()), None);
        assert_eq!(find_bytes(&folder, StandInCamera::USER.as_bytes()), None);
    }
    assert!(!home.log().contains(StandInCamera::PASSWORD));
    let told = home.file("Anna.state");
    assert_eq!(find_bytes(&told, StandInCamera::PASSWORD.as_bytes()), None, "the document and the session");
}

#[test]
fn sound_is_recorded_only_while_an_adult_wants_it() {
    let Some(camera) = StandInCamera::start(true) else { return };
    let home = Home::quiet();
    home.add_camera("Porch", &camera.url());
    let silent = ids(&segments(&home, 1, 60));
    home.anna(&["consent", "grant", "Anna", "sound:Porch"]).one();
    let with_sound = until("sound is recorded", 60, || {
        let segments = home.list(&["--device", "Porch"]);
        segments.into_iter().find(|segment| text(segment, "media_type").contains("mp4a"))
    });
    until("it is told", 10, || (home.device("Porch")["sound"] == true).then_some(()));
    let id = ids([&with_sound])[0];
    if let Some((streams, _)) = play(&home.open(id), &home.file("film.mp4")) {
        assert_eq!(streams, ["h264", "aac"]);
    }

    // Taken back: what has sound in it goes, what has none stays.
    let done = home.anna(&["consent", "withdraw", "Anna", "sound:Porch", "--yes"]).one();
    let gone = ids(done["forgotten"].as_array().unwrap());
    assert!(gone.contains(&id) && silent.iter().all(|id| !gone.contains(id)), "{gone:?}");
    let left = home.list(&["--device", "Porch"]);
    assert!(left.iter().all(|segment| !text(segment, "media_type").contains("mp4a")), "{left:?}");
    let before = left.len();
    let after = segments(&home, before + 1, 60);
    assert!(after.iter().all(|segment| !text(segment, "media_type").contains("mp4a")), "{after:?}");
}

#[test]
fn a_camera_that_restarts_is_picked_up_again_and_the_gap_is_told() {
    let Some(mut camera) = StandInCamera::start(false) else { return };
    let home = Home::quiet();
    let events = home.events(&[]);
    home.add_camera("Porch", &camera.url());
    let about =
        |recording: bool| move |event: &Value| event["event"] == "camera" && event["recording"] == recording;
    events.wait_for("it is recorded", 60, about(true));
    segments(&home, 1, 60);

    camera.kill();
    let told = events.wait_for("it is gone", 60, about(false));
    assert!(text(&told, "state").contains("Not recording since"), "{told}");
    let porch = home.device("Porch");
    assert_eq!(porch["recording"], false, "{porch}");
    assert!(porch["missed"].as_array().unwrap().iter().any(|missed| missed["to"].is_null()), "{porch}");

    let _camera = camera.restart(false);
    events.wait_for("it is recorded again", 60, about(true));
    let missed = until("the gap is written down", 30, || {
        let porch = home.device("Porch");
        let missed = porch["missed"].as_array().unwrap().clone();
        missed.into_iter().find(|missed| missed["to"].is_string())
    });
    let (from, to): (Timestamp, Timestamp) =
        (text(&missed, "from").parse().unwrap(), text(&missed, "to").parse().unwrap());
    assert!(from < to && text(&missed, "why").contains("camera"), "{missed}");
    let after = until("it is kept again", 60, || {
        home.list(&["--device", "Porch"]).into_iter().find(|segment| start(segment) >= to)
    });
    // What was recorded up to the last picture was not lost, and nothing claims to be of the time between.
    let mut all = home.list(&["--device", "Porch"]);
    all.sort_by_key(start);
    let last_before = all.iter().rfind(|segment| start(segment) < from).unwrap();
    assert!(end(last_before).duration_since(from).abs().as_secs_f64() < 1.0, "{last_before}, {missed}");
    assert!(start(&after) >= to);
}

#[test]
fn what_goes_with_somebody_counts_the_film_that_they_alone_agreed_to() {
    let Some(mut camera) = StandInCamera::start(false) else { return };
    let home = Home::quiet();
    home.add_adult("Rosa");
    home.add_camera("Porch", &camera.url());
    home.run_as("Rosa", &["consent", "grant", "Rosa", "security:Porch"]).one();
    home.anna(&["consent", "withdraw", "Anna", "security:Porch", "--yes"]).one();
    // What Rosa guards and agreed to goes with her too.
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna", "--guardian", "Rosa"])
        .one();
    segments(&home, 1, 60);
    camera.kill();
    // What it sent last may still be on its way to the disk.
    let (kept, asked) = until("all that is kept of it is told", 60, || {
        let kept = home.list(&["--device", "Porch"]);
        let seconds = kept.iter().map(|piece| piece["seconds"].as_f64().unwrap()).sum::<f64>().round();
        let asked = home.anna(&["person", "remove", "Rosa"]).refused();
        asked
            .contains(&format!("for a consent that ends: {seconds} seconds of Porch."))
            .then_some((ids(&kept), asked))
    });
    let ends = "Nobody else agrees to Porch: it is not recorded any more.";
    for told in [ends, "until then goes too", "Whatever is kept of Rosa goes too"] {
        assert!(asked.contains(told), "{told}: {asked}");
    }
    assert!(!asked.contains("Nothing that you can see"), "{asked}");
    assert_eq!(ids(&home.list(&["--device", "Porch"])), kept, "nothing of it went");
    let done = home.words(&["person", "remove", "Rosa", "--yes"]);
    assert!(done.contains("kept for Rosa's consent to security:Porch") && done.contains(ends), "{done}");
    assert!(home.list(&["--device", "Porch"]).is_empty());
}

#[test]
fn a_camera_that_is_removed_takes_its_recordings_and_its_password_along() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let home = Home::quiet();
    home.add_camera("Porch", &camera.url());
    let kept = ids(&segments(&home, 1, 60));
    let events = home.events(&[]);
    let asked = home.anna(&["device", "remove", "Porch"]).refused();
    assert!(
        asked.contains("would go with it for good") && asked.contains("What it records until then goes too"),
        "{asked}"
    );
    let done = home.anna(&["device", "remove", "Porch", "--yes"]).one();
    // Its last film goes with it: nobody is told that it could not be kept.
    events.wait_for("the household is told", 20, |event| {
        assert!(!["trouble", "camera"].contains(&text(event, "event")), "{event}");
        event["event"] == "household-changed"
    });
    let gone = ids(done["forgotten"].as_array().unwrap());
    assert!(kept.iter().all(|id| gone.contains(id)), "{kept:?} of {gone:?}");
    assert!(home.list(&[]).iter().all(|left| left["kind"] != "video"));
    let why = home.anna(&["list", "--device", "Porch"]).refused();
    assert!(why.contains("Porch"), "{why}");
}
