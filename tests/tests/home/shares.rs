//! What one session may use of what all share.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use porchlight_tests::{Home, Page, number, text};
use serde_json::{Value, json};

/// Somebody's page, signed in.
fn page(home: &Home, name: &str) -> Page {
    let mut page = Page::open(home);
    page.sign_in(home, name);
    page
}

/// Looks at something; the look's line.
fn look(page: &mut Page, id: u64) -> u64 {
    let (status, look) = page.post("/api/looks", &json!({ "selection": { "ids": [id] }, "why": "open" }));
    assert_eq!(status, 200, "{look}");
    number(&look, "look")
}

#[test]
fn many_looks_of_one_session_take_no_film_from_another() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let (mut anna, mut tom) = (page(&home, "Anna"), page(&home, "Tom"));
    let (status, item) = anna.post("/api/effects", &json!({ "list": "shopping", "item": "oat milk" }));
    assert_eq!(status, 201, "{item}");
    let id = number(&item, "id");
    let film = look(&mut anna, id);
    let selection = json!({ "ids": [id] });
    let (_, preview) = anna.post("/api/forget/preview", &selection);

    for _ in 0..70 {
        look(&mut tom, id);
        assert_eq!(tom.post("/api/forget/preview", &selection).0, 200);
    }
    assert_eq!(anna.get(&format!("/api/looks/{film}/{id}")).0, 200, "what Anna opened is still open");
    let confirm = json!({ "token": text(&preview, "token") });
    let (status, done) = anna.post("/api/forget", &confirm);
    assert_eq!(status, 200, "and what she was shown can be confirmed: {done}");
}

#[test]
fn a_session_listens_on_a_few_pages_and_the_oldest_makes_room() {
    let home = Home::quiet();
    let mut anna = page(&home, "Anna");
    let first = anna.events();
    let others: Vec<_> = (0..8).map(|_| anna.events()).collect();
    first.ends(30);
    assert_eq!(anna.post("/api/effects", &json!({ "list": "shopping", "item": "eggs" })).0, 201);
    for page in &others {
        page.wait_for("what changes is told", 30, |event| event["event"] == "effects-changed");
    }
}

#[test]
fn a_flood_of_speech_is_refused_with_how_long_and_the_hub_stops() {
    let Some(mut home) = Home::that_speaks() else { return };
    let mut anna = page(&home, "Anna");
    let long = json!({ "text": "The lanterns drift over the harbour, and nobody is awake. ".repeat(17) });
    let (asked, status, said) = flood(&mut anna, &long);
    assert_eq!((status, text(&said["said"], "code")), (429, "much-at-once"), "{said}");
    assert!(seconds(&said) > 0, "{said}");

    // Whoever goes away is not spoken to, and who comes then does not wait for what they had asked for.
    drop(asked);
    let began = Instant::now();
    while anna.post("/api/speech", &json!({ "text": "Yes." })).0 != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "what nobody waits for is still said");
    }

    let (_asked, status, _) = flood(&mut anna, &long);
    assert_eq!(status, 429);
    let began = Instant::now();
    home.stop();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "the hub stops within {took:?}");
}

/// Twelve requests that wait to be spoken, and what is answered to one more; again, where that one came before them.
fn flood(page: &mut Page, speech: &Value) -> (Vec<TcpStream>, u16, Value) {
    let began = Instant::now();
    loop {
        let asked = (0..12).map(|_| page.send_off("/api/speech", speech)).collect();
        let (status, said) = page.post("/api/speech", speech);
        if status != 200 {
            return (asked, status, said);
        }
        assert!(began.elapsed() < Duration::from_secs(60), "a flood of speech is spoken to its end");
    }
}

/// How long somebody is told to wait.
fn seconds(said: &Value) -> u64 {
    text(&said["said"]["values"], "seconds").parse().unwrap()
}
