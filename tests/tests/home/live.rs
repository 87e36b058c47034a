//! A camera that is watched live: at once, sealed to whoever watches, told to everybody, and over when it has to be.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use porchlight_tests::{Events, Home, Live, Member, Page, StandInCamera, find_bytes, text, until};
use serde_json::Value;

/// Within this a picture ends that may not go on.
const AT_ONCE: Duration = Duration::from_secs(2);

fn recorded(home: &Home, camera: &StandInCamera) -> String {
    home.add_camera("Porch", &camera.url());
    until("the camera is recorded", 60, || (home.device("Porch")["recording"] == true).then_some(()));
    text(&home.device("Porch"), "id").to_owned()
}

fn page_of(home: &Home, name: &str) -> Page {
    let mut page = Page::open(home);
    page.sign_in(home, name);
    page
}

/// The lines of the ledger about live pictures, oldest first: kind and detail.
fn told(home: &Home) -> Vec<(String, Value)> {
    let lines = home.anna(&["ledger", "list"]).lines();
    let live = lines.into_iter().filter(|line| text(line, "kind").starts_with("live"));
    live.map(|line| (text(&line, "kind").to_owned(), line["detail"].clone())).collect()
}

/// Waits until the ledger tells the end of a look; why it ended.
fn end_of(home: &Home, look: &str) -> String {
    until("its end is in the ledger", 20, || {
        let all = told(home);
        let (_, detail) = all.iter().find(|(kind, detail)| kind == "live-end" && detail["look"] == look)?;
        Some(text(detail, "why").to_owned())
    })
}

fn watching(home: &Home) -> Vec<String> {
    let porch = home.device("Porch");
    let all = porch["watching"].as_array().unwrap().clone();
    all.iter().map(|one| text(one, "person").to_owned()).collect()
}

/// Watches, and gets the first picture.
fn watch(page: &Page, porch: &str) -> Live {
    let mut live = page.watch(porch).unwrap();
    live.message().unwrap();
    live
}

fn wait_for(events: &Events, what: &str) -> Value {
    events.wait_for(what, 10, |event| event["event"] == what)
}

#[test]
fn a_camera_is_watched_live_and_everybody_knows() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let mut home = Home::quiet();
    home.add_adult("Ben");
    home.add_teen("Noah");
    let porch = recorded(&home, &camera);
    let (anna, ben, noah) = (page_of(&home, "Anna"), page_of(&home, "Ben"), page_of(&home, "Noah"));
    let (member, other) = (Member::of_kit(&home, "Anna"), Member::of_kit(&home, "Ben"));
    let events = home.events(&[]);
    let before = home.list(&["--device", "Porch"]).len();

    // At once there is a key frame, from memory: nobody waits for the next one.
    let asked = Instant::now();
    let mut live = anna.watch(&porch).unwrap();
    let track = live.unit(&member).unwrap();
    let first = live.unit(&member).unwrap();
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!((track.kind, first.kind, first.past), (0, 1, true));
    let track: Value = serde_json::from_slice(&track.data).unwrap();
    assert!(text(&track, "codec").starts_with("avc1."), "{track}");
    assert_eq!((&track["width"], &track["height"], track.get("sound")), (&640.into(), &360.into(), None));

    // Its line was there before that, and everybody is told.
    let all = told(&home);
    let (kind, detail) = all.last().unwrap();
    assert_eq!((kind.as_str(), text(detail, "look")), ("live", live.look.as_str()), "{detail}");
    assert_eq!((text(detail, "device"), text(detail, "client")), ("Porch", "a page"), "{detail}");
    let said = wait_for(&events, "watching");
    assert_eq!((text(&said, "person"), text(&said, "device")), ("Anna", "Porch"), "{said}");
    assert_eq!(watching(&home), ["Anna"]);

    // What follows comes as the camera sends it, each picture once and in order.
    let mut pictures = vec![first];
    while pictures.iter().filter(|one| !one.past).count() < 20 {
        pictures.push(live.unit(&member).unwrap());
    }
    let newest = pictures.last().unwrap();
    let behind = jiff::Timestamp::now().as_millisecond() - newest.arrived;
    assert!((-50..1_000).contains(&behind), "{behind} ms");
    let times: Vec<i64> = pictures.iter().map(|one| one.arrived).collect();
    assert!(times.is_sorted(), "{times:?}");

    // On the wire it is noise to everybody but her: nothing of a picture, nothing that repeats, and no key for Ben.
    let noise = live.on_the_wire.concat();
    for picture in &pictures {
        let inside = &picture.data[picture.data.len().saturating_sub(48)..];
        assert_eq!(memchr::memmem::find(&noise, inside), None);
    }
    let values: BTreeSet<u8> = noise.iter().copied().collect();
    assert_eq!(values.len(), 256);
    assert!(live.opens_for(&member) && !live.opens_for(&other));

    // Whoever may not see film may not watch; no page of another origin may, nor one that says nothing; and what is no camera is none.
    assert_eq!(noah.watch(&porch).err(), Some(403));
    assert_eq!(ben.watch("nowhere").err(), Some(404));
    let own = home.address().to_owned();
    let port = own.rsplit(':').next().unwrap();
    for origin in
        [None, Some("null"), Some("https://evil.example"), Some(&format!("http://localhost:{port}"))]
    {
        assert_eq!(ben.watch_refused(&porch, origin), 403, "{origin:?}");
    }
    assert_eq!(Page::open(&home).watch(&porch).err(), Some(401), "nobody is signed in");
    // Asked without a socket it says so to whoever could, and opens nothing.
    let mut asks = page_of(&home, "Ben");
    let (status, said) = asks.get(&format!("/api/cameras/{porch}/live"));
    assert_eq!((status, text(&said, "error")), (426, "socket-needed"), "{said}");
    assert_eq!(told(&home).len(), 1);

    // Two watch; each leaves when they like, and the ledger says so.
    let theirs = watch(&ben, &porch);
    assert_eq!(watching(&home), ["Anna", "Ben"]);
    let look = theirs.look.clone();
    theirs.close();
    let said = wait_for(&events, "watching-ended");
    assert_eq!((text(&said, "person"), text(&said, "look")), ("Ben", look.as_str()), "{said}");
    assert_eq!(end_of(&home, &look), "closed");
    assert_eq!(watching(&home), ["Anna"]);
    // Whoever goes away without a word is gone too.
    let gone = watch(&ben, &porch);
    let look = gone.look.clone();
    drop(gone);
    assert_eq!(end_of(&home, &look), "closed");
    let words = home.words(&["ledger", "list"]);
    assert!(
        words.contains("Ben began to watch Porch live") && words.contains("Ben watched Porch live, "),
        "{words}"
    );

    // A session has so many, and no more; whoever asks is told so.
    let mut many: Vec<Live> = Vec::new();
    let refused = loop {
        match ben.watch(&porch) {
            Ok(live) => many.push(live),
            Err(status) => break status,
        }
        assert!(many.len() <= 8);
    };
    assert_eq!((many.len(), refused), (8, 429));
    drop(many);

    // Recording went on all the while, though she read nothing for a time.
    until("it is recorded as ever", 30, || (home.list(&["--device", "Porch"]).len() > before).then_some(()));
    assert!(home.device("Porch")["missed"].as_array().unwrap().is_empty());

    // Nothing of it touched a disk.
    let look = live.look.clone();
    home.stop();
    let (why, _) = live.ends();
    assert!(why == "hub-stopped" || why.starts_with("broken off"), "{why}");
    for folder in [home.data(), home.strongbox()] {
        for picture in pictures.iter().filter(|picture| picture.data.len() > 500).take(8) {
            let inside = &picture.data[picture.data.len() / 2..][..64];
            assert_eq!(find_bytes(&folder, inside), None);
        }
    }
    home.serve();
    assert_eq!(end_of(&home, &look), "hub-stopped", "its end was written while the hub stopped");
    let ended = told(&home).iter().filter(|(kind, _)| kind == "live-end").count();
    assert_eq!(ended * 2, told(&home).len(), "each has its end");
}

#[test]
fn a_live_picture_ends_at_once_when_it_may_not_go_on() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let mut home = Home::quiet();
    home.add_adult("Ben");
    let porch = recorded(&home, &camera);

    // The session is ended.
    let mut anna = page_of(&home, "Anna");
    let mut live = watch(&anna, &porch);
    let (_, me) = anna.get("/api/me");
    assert_eq!(anna.ask("DELETE", &format!("/api/sessions/{}", text(&me["session"], "id")), None).0, 204);
    let (why, took) = live.ends();
    assert_eq!(why, "session-ended");
    assert!(took < AT_ONCE, "{took:?}");
    assert_eq!(end_of(&home, &live.look), "session-ended");

    // Nobody agrees to the camera's pictures any more.
    let anna = page_of(&home, "Anna");
    let mut live = watch(&anna, &porch);
    home.anna(&["consent", "withdraw", "Anna", "security:Porch", "--yes"]).one();
    let (why, took) = live.ends();
    assert_eq!(why, "not-agreed");
    assert!(took < AT_ONCE, "{took:?}");
    assert_eq!(anna.watch(&porch).err(), Some(409));
    home.anna(&["consent", "grant", "Anna", "security:Porch"]).one();

    // A hub that is killed says at its next start that it ended, and no more of it than that.
    let live = watch(&anna, &porch);
    let look = live.look.clone();
    home.kill();
    home.serve();
    assert_eq!(end_of(&home, &look), "cut-short");
    let words = home.words(&["ledger", "list", "--kind", "live-end"]);
    assert!(words.contains("it ended when the hub stopped, and was over by"), "{words}");
    assert!(watching(&home).is_empty());

    // Whoever watches leaves the household.
    until("it is recorded again", 60, || (home.device("Porch")["recording"] == true).then_some(()));
    let ben = page_of(&home, "Ben");
    let mut live = watch(&ben, &porch);
    home.anna(&["person", "remove", "Ben", "--yes"]).one();
    let (why, took) = live.ends();
    assert!(["not-allowed", "session-ended"].contains(&why.as_str()), "{why}");
    assert!(took < AT_ONCE, "{took:?}");

    // The camera is removed.
    let anna = page_of(&home, "Anna");
    let mut live = watch(&anna, &porch);
    home.anna(&["device", "remove", "Porch", "--yes"]).one();
    let (why, took) = live.ends();
    assert_eq!(why, "camera-gone");
    assert!(took < AT_ONCE, "{took:?}");
    assert_eq!(end_of(&home, &live.look), "camera-gone");
}
