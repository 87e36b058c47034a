//! Words go to whose they are: what a request merely names gives nothing, lists show one's own, and nothing that gave the words of what
//! was forgotten gives them afterwards.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use porchlight_tests::{Home, Page, ids, number, text};
use serde_json::{Value, json};

use crate::passkeys;

/// Anna, who owns and has a microphone of her own, Ben who is an adult, and Noah who is sixteen; and a microphone for everybody.
struct House {
    home: Home,
    anna: Page,
    ben: Page,
    noah: Page,
    /// Anna's microphone, by its own credential.
    study: Page,
    /// Everybody's.
    kitchen: Page,
}

impl House {
    fn new() -> House {
        let home = Home::quiet();
        home.add_microphone("Kitchen");
        home.add_annas_microphone("Study");
        home.add_adult("Ben");
        home.add_teen("Noah");
        let signed_in = |name: &str| {
            let mut page = Page::open(&home);
            page.sign_in(&home, name);
            page
        };
        let [anna, ben, noah] = ["Anna", "Ben", "Noah"].map(signed_in);
        let [study, kitchen] =
            ["Study", "Kitchen"].map(|device| Page::of_microphone(&home, &home.credential("Anna", device)));
        House { home, anna, ben, noah, study, kitchen }
    }
}

fn ask(page: &mut Page, words: &str, device: Option<&str>) -> Value {
    let request = json!({ "text": words, "device": device, "aloud": false, "conversation": null });
    let (status, answer) = page.post("/api/ask", &request);
    assert_eq!(status, 200, "{words}: {answer}");
    answer
}

fn effects(page: &mut Page) -> Value {
    page.get("/api/effects").1
}

/// Everything that is remembered of what happened, as this page is told it.
fn remembered(page: &mut Page, marker: &mut Page) -> Vec<Value> {
    let told = page.all_events();
    let since = Timestamp::now() - SignedDuration::from_millis(1);
    marker.post("/api/effects", &json!({ "list": "marker", "item": "marker" }));
    let all = RefCell::new(Vec::new());
    told.wait_for("the marker", 10, |event| {
        all.borrow_mut().push(event.clone());
        event["event"] == "effects-changed" && text(event, "at").parse::<Timestamp>().unwrap() >= since
    });
    all.into_inner()
}

#[test]
fn a_device_that_is_merely_named_tells_and_moves_nothing() {
    let House { home, mut anna, mut ben, mut noah, mut study, mut kitchen } = House::new();
    // What is said at the very microphone is its owner's.
    let said = ask(&mut study, "The elephant plays the trombone on Thursday.", None);
    assert_eq!(said["kept"].as_array().unwrap().len(), 2, "{said}");
    assert_eq!(home.list(&["--kind", "transcript"]).len(), 1);
    let hers = |page: &mut Page, device| {
        let told = ask(page, "What did you hear?", device);
        assert!(text(&told, "reply").contains("elephant"), "{told}");
    };
    hers(&mut study, None);
    hers(&mut anna, Some("Study"));
    for (who, page) in [("Ben", &mut ben), ("Noah", &mut noah), ("the kitchen", &mut kitchen)] {
        let named = if who == "the kitchen" { None } else { Some("Study") };
        for words in ["What did you hear?", "What did you hear today?"] {
            let told = ask(page, words, named);
            let reply = text(&told, "reply");
            assert!(!reply.contains("elephant") && !reply.contains("Study"), "{who}: {told}");
        }
    }

    // Every skill: whoever names Anna's microphone gets the answer and leaves the effects that they get and leave without.
    let skills = [
        "What time is it?",
        "What day is it?",
        "Set a pizza timer for 10 minutes.",
        "How much time is left?",
        "Add five minutes to the timer.",
        "Pause the timer.",
        "Resume the timer.",
        "Cancel the timer.",
        "Put eggs on the shopping list.",
        "What is on my shopping list?",
        "Remove eggs from the shopping list.",
        "Clear the shopping list.",
        "Remind me tomorrow at nine to pay the rent.",
        "What are my reminders?",
        "Cancel the reminder to pay the rent.",
        "Which cameras are there?",
        "Is the porch camera recording?",
        "Privacy please.",
        "What can you do?",
        "Yes.",
        "No, thanks.",
        "The walrus sings.",
    ];
    for (who, page) in [("Ben", &mut ben), ("Noah", &mut noah)] {
        for words in skills {
            let plain = ask(page, words, None);
            let left = effects(page);
            // As it was before: what was left goes, and what went is not asked for again.
            for effect in plain["left"].as_array().unwrap() {
                if effect["change"] == "added" && !words.starts_with("Remind") && !words.starts_with("Set") {
                    page.post(&format!("/api/effects/{}/done", effect["id"]), &Value::Null);
                }
            }
            let named = ask(page, words, Some("Study"));
            assert_eq!(named["kept"], json!([]), "{who}: {words}: {named}");
            if words.starts_with("Set") || words.starts_with("Remind") {
                let all = effects(page);
                let of = |all: &Value| {
                    all["timers"].as_array().unwrap().len() + all["reminders"].as_array().unwrap().len()
                };
                assert_eq!(of(&all), of(&left) + 1, "{who}: {words}");
                for effect in named["left"].as_array().unwrap() {
                    page.post(&format!("/api/effects/{}/done", effect["id"]), &Value::Null);
                }
            } else if !words.contains("timer")
                && !words.contains("Cancel")
                && !words.contains("Remove")
                && !words.contains("Clear")
            {
                assert_eq!(named["reply"], plain["reply"], "{who}: {words}");
            }
            let somewhere = effects(page).to_string();
            assert!(!somewhere.contains("Study"), "{who}: {words}: {somewhere}");
        }
    }

    // A question that Anna was asked at her microphone is answered there by it, and by nobody who names it.
    for _ in 0..4 {
        ask(&mut study, "What time is it?", None);
    }
    let asked = ask(&mut study, "Forget everything I said today.", None);
    assert!(text(&asked, "reply").ends_with("Shall I forget them for good?"), "{asked}");
    for page in [&mut ben, &mut noah, &mut anna] {
        let said = ask(page, "Yes.", Some("Study"));
        assert!(text(&said, "reply").contains("did not ask"), "{said}");
    }
    let kept = home.list(&["--kind", "transcript"]).len();
    assert!(kept >= 5, "nothing went");
    let said = ask(&mut study, "Yes.", None);
    assert!(text(&said, "reply").starts_with("They are gone for good"), "{said}");
    assert!(home.list(&["--kind", "transcript"]).len() < kept);

    // What an unknown voice left at the kitchen's microphone is taken back there, and by nobody who names it.
    ask(&mut kitchen, "Put eggs on the shopping list.", None);
    for page in [&mut ben, &mut noah, &mut anna] {
        ask(page, "Forget everything I said today.", Some("Kitchen"));
        ask(page, "Take it off the list too.", Some("Kitchen"));
        assert!(effects(page).to_string().contains("eggs"), "a name took it away");
    }
    ask(&mut kitchen, "Forget everything I said today.", None);
    ask(&mut kitchen, "Take it off the list too.", None);
    assert!(!effects(&mut anna).to_string().contains("eggs"));

    // A microphone speaks for itself alone, and is told what is to be spoken there alone.
    let (status, said) = study.post(
        "/api/ask",
        &json!({ "text": "Hello.", "device": "Kitchen", "aloud": false, "conversation": null }),
    );
    assert_eq!((status, text(&said, "error")), (403, "not-yours"), "{said}");
    let (at_study, at_kitchen) = (study.events(), kitchen.events());
    ask(&mut noah, "Set a walrus timer for one second.", Some("Study"));
    ask(&mut study, "Set an elephant timer for one second.", None);
    ask(&mut kitchen, "Set a penguin timer for one second.", None);
    let first = at_study.wait_for("the study rings", 20, |_| true);
    let (_, words) = study.get(&format!("/api/events/{}/words", first["number"]));
    assert!(text(&words, "say").contains("elephant"), "{words}");
    let other = at_kitchen.wait_for("the kitchen rings", 20, |_| true);
    assert_eq!(text(&other, "device"), "Kitchen", "{other}");
    assert_eq!(study.get(&format!("/api/events/{}/words", other["number"])).0, 404);
}

#[test]
fn whoever_a_microphone_belongs_to_makes_its_credential_and_it_ends_with_that() {
    let home = Home::quiet();
    home.add_annas_microphone("Study");
    home.add_microphone("Kitchen");
    home.add_adult("Ben");
    let why = home.run_as("Ben", &["device", "credential", "Study"]).refused();
    assert!(why.contains("somebody else's own"), "{why}");
    let file = home.file("kitchen.credential");
    home.run_as("Ben", &["device", "credential", "Kitchen", "--out", file.to_str().unwrap()]).one();
    let asked = ["ask", "What time is it?", "--credential", file.to_str().unwrap()];
    assert!(text(&home.anna(&asked).one(), "not_kept").contains("anybody can speak at Kitchen"));
    assert!(home.device("Kitchen")["credential"].is_string());
    assert_eq!(home.device("Study")["credential"], Value::Null);
    assert_eq!(home.anna(&["ledger", "list", "--kind", "device-credential"]).lines().len(), 1);
    let folder = porchlight_tests::find_bytes(&home.data(), std::fs::read(&file).unwrap().trim_ascii());
    assert_eq!(folder, None, "the credential itself is nowhere on the disk");

    // When somebody leaves, what was theirs alone is everybody's, and what proved it proves nothing any more.
    home.run_as("Ben", &["device", "add", "Ben's desk", "--kind", "microphone", "--person", "Ben"]).one();
    let bens = home.credential("Ben", "Ben's desk");
    let mut desk = Page::of_microphone(&home, &bens);
    assert_eq!(ask(&mut desk, "What time is it?", None)["intent"], "HassGetCurrentTime");
    home.anna(&["person", "remove", "Ben", "--yes"]).one();
    assert_eq!(desk.ask("GET", "/api/events", None).0, 401);
}

#[test]
fn whatever_gave_the_words_before_they_were_forgotten_gives_them_no_more() {
    let House { home, mut anna, mut ben, mut noah, mut study, mut kitchen } = House::new();
    let rings = anna.events();
    ask(&mut study, "The axolotl plays the trombone on Thursday.", None);
    ask(&mut study, "Put axolotl food on the shopping list.", None);
    ask(&mut anna, "Set an axolotl timer for 10 minutes.", None);
    ask(&mut study, "Remind me in one second to feed the axolotl.", None);
    ask(&mut kitchen, "Set an axolotl timer for one second.", None);
    let mut rung = Vec::new();
    for _ in 0..2 {
        let event = rings
            .wait_for("it rings", 20, |event| matches!(text(event, "event"), "timer-ended" | "reminder"));
        assert!(!event.to_string().contains("axolotl"), "no event has words: {event}");
        rung.push(number(&event, "number"));
    }

    let mut given = |when: &str| {
        let mut places = Vec::new();
        let pages = [
            ("Anna", &mut anna),
            ("Ben", &mut ben),
            ("Noah", &mut noah),
            ("study", &mut study),
            ("kitchen", &mut kitchen),
        ];
        for (who, page) in pages {
            let mut look = |what: String, said: Value| {
                if said.to_string().contains("axolotl") {
                    places.push(format!("{who}: {what}"));
                }
            };
            for path in super::matrix::plain_gets() {
                look(path.to_owned(), page.get(path).1);
            }
            for number in &rung {
                let path = format!("/api/events/{number}/words");
                look(path.clone(), page.get(&path).1);
            }
            for words in [
                "What did you hear?",
                "What is on my shopping list?",
                "What are my reminders?",
                "What timers are running?",
            ] {
                for device in [None, Some("Study")] {
                    let request =
                        json!({ "text": words, "device": device, "aloud": false, "conversation": null });
                    look(format!("{words} {device:?}"), page.post("/api/ask", &request).1["reply"].clone());
                }
            }
            if !matches!(who, "study" | "kitchen") {
                let mut marker = Page::open(&home);
                marker.sign_in(&home, "Anna");
                look(format!("the events {when}"), json!(remembered(page, &mut marker)));
            }
        }
        places
    };
    let before = given("before");
    for giver in ["Anna: /api/effects", "Noah: /api/effects", "Anna: What did you hear? Some(\"Study\")"] {
        assert!(before.iter().any(|place| place == giver), "{giver} gave the words: {before:?}");
    }
    assert!(before.iter().any(|place| place.contains("/words")), "{before:?}");
    assert!(!before.iter().any(|place| place.contains("the events")), "{before:?}");
    for other in ["Ben: What did you hear", "Noah: What did you hear", "kitchen: What did you hear"] {
        assert!(!before.iter().any(|place| place.starts_with(other)), "{before:?}");
    }

    home.anna(&["forget", "--all", "--yes"]).one();
    assert_eq!(given("after"), [""; 0]);
}

#[test]
fn lists_show_ones_own_and_what_the_household_shares_and_of_others_not_even_how_much() {
    let House { home, mut anna, mut ben, mut noah, mut study, .. } = House::new();
    home.run_as("Ben", &["consent", "grant", "Ben", "history"]).one();
    let hers = ask(&mut study, "Put oat milk on the shopping list.", None);
    let bens = ask(&mut ben, "What time is it?", None);
    ask(&mut anna, "What time is it?", None);
    // Nothing of this is kept, and that it was said is Noah's, and his guardian's.
    ask(&mut noah, "What time is it?", None);
    let moment = number(&hers, "moment");

    let (_, annas) = anna.get("/api/recordings");
    let of = |list: &Value, owner: &str| {
        list.as_array().unwrap().iter().filter(|one| one["owner"] == owner).count()
    };
    assert_eq!((of(&annas, "Anna"), of(&annas, "Ben"), of(&annas, "household")), (4, 0, 1), "{annas}");
    let (_, list) = ben.get("/api/recordings");
    assert_eq!((of(&list, "Anna"), of(&list, "Ben"), of(&list, "household")), (0, 2, 1), "{list}");
    let (_, list) = noah.get("/api/recordings");
    assert_eq!((of(&list, "Anna"), of(&list, "Ben"), of(&list, "household")), (0, 0, 1), "{list}");
    // What is asked for is everybody's; that Anna asked, and when, is hers.
    let milk = |list: &Value| {
        list.as_array().unwrap().iter().find(|one| one["kind"] == "note").unwrap()["caused_by"].clone()
    };
    assert_eq!((milk(&annas), milk(&list)), (json!(moment), Value::Null));

    for page in [&mut ben, &mut noah] {
        for filter in [
            "person=Anna",
            "device=Study&kind=transcript",
            "kind=voice,transcript,reply&person=Anna",
            "limit=1&newest=true&person=Anna",
        ] {
            assert_eq!(page.get(&format!("/api/recordings?{filter}")), (200, json!([])), "{filter}");
        }
        // A filter counts nothing of it.
        let (_, preview) = page.post("/api/forget/preview", &json!({ "filter": { "person": "Anna" } }));
        assert_eq!((&preview["goes"], &preview["stays"]), (&json!([]), &json!([])), "{preview}");
        let (_, look) = page
            .post("/api/looks", &json!({ "selection": { "filter": { "person": "Anna" } }, "why": "open" }));
        assert_eq!(text(&look, "error"), "not-found", "{look}");
    }
    let counts = |page: &mut Page| page.get("/api/answered").1.as_array().unwrap().len();
    assert_eq!((counts(&mut noah), counts(&mut anna), counts(&mut ben)), (1, 1, 0));

    // Nor do events tell of it.
    let bens = number(&bens, "moment");
    let kept = |all: Vec<Value>| -> Vec<u64> {
        all.iter().filter(|event| event["event"] == "kept").map(|event| number(event, "moment")).collect()
    };
    let told = kept(remembered(&mut noah, &mut anna));
    assert!(!told.contains(&moment) && !told.contains(&bens), "{told:?}");
    let told = kept(remembered(&mut ben, &mut anna));
    assert!(!told.contains(&moment) && told.contains(&bens), "{told:?}");
    let mut marker = Page::open(&home);
    marker.sign_in(&home, "Ben");
    let told = kept(remembered(&mut anna, &mut marker));
    assert!(told.contains(&moment) && !told.contains(&bens), "{told:?}");
}

/// What every route that takes an id says to this one, with the id itself left out.
fn said_of(page: &mut Page, id: &str) -> Vec<(&'static str, u16, String)> {
    let tomorrow = (Timestamp::now() + SignedDuration::from_hours(24)).to_string();
    let (_, own) = page.post("/api/effects", &json!({ "list": "own", "item": "own" }));
    let look = json!({ "selection": { "ids": [own["id"]] }, "why": "open" });
    let look = number(&page.post("/api/looks", &look).1, "look");
    let name = json!({ "name": "mine" });
    let mut asked = vec![
        ("POST", "/api/forget".to_owned(), Some(json!({ "token": id, "keep_effects": true }))),
        ("PATCH", format!("/api/sessions/{id}"), Some(name.clone())),
        ("DELETE", format!("/api/sessions/{id}"), None),
        ("PATCH", format!("/api/passkeys/{id}"), Some(name)),
        ("DELETE", format!("/api/passkeys/{id}"), None),
        ("GET", format!("/api/identity?passkey={id}"), None),
    ];
    if let Ok(number) = id.parse::<u64>() {
        let selection = json!({ "ids": [number] });
        let many: Vec<u64> = std::iter::once(number).chain(1_000_000..1_000_999).collect();
        asked.extend([
            ("POST", "/api/forget/preview".to_owned(), Some(selection.clone())),
            ("POST", "/api/looks".to_owned(), Some(json!({ "selection": selection, "why": "open" }))),
            ("POST", "/api/looks".to_owned(), Some(json!({ "selection": selection, "why": "export" }))),
            (
                "POST",
                "/api/holds".to_owned(),
                Some(json!({ "selection": selection, "until": tomorrow, "why": "mine" })),
            ),
            ("DELETE", format!("/api/holds/{id}"), None),
            ("POST", "/api/ledger/details".to_owned(), Some(json!({ "details": [number] }))),
            ("POST", "/api/ledger/details".to_owned(), Some(json!({ "details": many }))),
            ("GET", format!("/api/looks/{look}/{id}"), None),
            ("GET", format!("/api/looks/{id}/1"), None),
            ("POST", format!("/api/effects/{id}/done"), Some(Value::Null)),
            ("GET", format!("/api/events/{id}/words"), None),
            ("GET", format!("/api/events/{id}/speech"), None),
        ]);
    }
    let said = asked.into_iter().map(|(method, path, body)| {
        let (status, said) = page.ask(method, &path, body.as_ref());
        assert!(status >= 400, "{method} {path}: {status} {said}");
        let said = said.to_string();
        let words = said.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)));
        let words: Vec<&str> = words.map(|word| if word == id { "ID" } else { word }).collect();
        (method, status, words.join(" "))
    });
    let said = said.collect();
    page.post(&format!("/api/effects/{}/done", own["id"]), &Value::Null);
    said
}

#[test]
fn an_id_of_what_is_anothers_is_answered_like_one_that_never_was_whatever_is_asked_of_it() {
    let House { home, mut anna, mut ben, mut noah, mut study, .. } = House::new();
    home.run_as("Ben", &["consent", "grant", "Ben", "history"]).one();
    let told = anna.events();
    let hers = ask(&mut study, "What time is it?", None);
    let event = told.wait_for("that it is kept", 10, |event| event["event"] == "kept");
    let moment = number(&hers, "moment");
    let kept = ids(hers["kept"].as_array().unwrap());
    let tomorrow = (Timestamp::now() + SignedDuration::from_hours(24)).to_string();
    let word = anna.prove_alone(&home, "Anna", "hold").1;
    let held =
        json!({ "selection": { "ids": [moment] }, "until": tomorrow, "why": "mine", "proof": word["proof"] });
    let (status, hold) = anna.post("/api/holds", &held);
    assert_eq!(status, 200, "{hold}");
    let (_, look) = anna.post("/api/looks", &json!({ "selection": { "ids": [kept[0]] }, "why": "open" }));
    let other = ask(&mut study, "What day is it?", None);
    let (_, preview) = anna.post("/api/forget/preview", &json!({ "ids": [other["moment"]] }));
    let session = text(&anna.get("/api/me").1["session"], "id").to_owned();
    let mut signing_in = Page::at(&passkeys::by_name(&home));
    let (proof, _) = signing_in.sign_in(&home, "Ben");
    let bens_passkey = passkeys::add(&home, &mut signing_in, ("Ben", &proof), "Ben's phone").id();
    let bens = ids(ask(&mut ben, "What time is it?", None)["kept"].as_array().unwrap())[0];

    // To Noah all of it is another's, and to Ben what is Anna's.
    let numbers = kept.iter().copied().chain([moment, number(&event, "number")]);
    let annas: Vec<String> =
        numbers.map(|id| id.to_string()).chain([text(&preview, "token").to_owned(), session]).collect();
    let (hold, look) = (number(&hold, "id"), number(&look, "look"));
    for (who, page, foreign) in [
        ("Ben", &mut ben, annas.clone()),
        ("Noah", &mut noah, annas.into_iter().chain([bens.to_string(), bens_passkey]).collect()),
    ] {
        for id in foreign {
            let never = if id.parse::<u64>().is_ok() { "999999" } else { "nobodys" };
            assert_eq!(said_of(page, &id), said_of(page, never), "{who}: {id}");
        }
        // What has numbers of its own.
        let held = |page: &mut Page, hold: u64| page.ask("DELETE", &format!("/api/holds/{hold}"), None);
        assert_eq!(held(page, hold), held(page, 999_999), "{who}");
        let file = |page: &mut Page, look: u64| page.get(&format!("/api/looks/{look}/{}", kept[0]));
        assert_eq!(file(page, look), file(page, 999_999), "{who}");
    }
}

/// Every file and folder that others than its owner may do anything with.
fn open_to_others(path: &Path) -> Vec<String> {
    let mut open = Vec::new();
    let found = fs::symlink_metadata(path).unwrap();
    if found.permissions().mode() & 0o077 != 0 && !found.is_symlink() {
        open.push(format!("{} {:o}", path.display(), found.permissions().mode() & 0o777));
    }
    if found.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            open.extend(open_to_others(&entry.unwrap().path()));
        }
    }
    open
}

#[test]
fn everything_that_is_written_is_its_owners_alone() {
    let mut home = Home::made();
    home.serve_with(&["--https"]);
    home.sign_in("Anna").one();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let said = home.anna(&["ask", "What time is it?"]).one();
    home.anna(&["ask", "What day is it?"]).one();
    let (out, opened) = (home.file("export"), home.file("words.txt"));
    home.anna(&["export", "--out", out.to_str().unwrap()]).one();
    let transcript = ids(said["kept"].as_array().unwrap())[0].to_string();
    home.anna(&["open", &transcript, "--out", opened.to_str().unwrap()]).one();
    let gone = home.anna(&["forget", &transcript, "--yes"]).one();
    let receipt = home.anna(&["receipt", "get", &gone["ledger_line"].to_string()]).one();
    home.anna(&["ledger", "export", "--out", home.file("ledger").to_str().unwrap()]).one();
    let written = [
        home.data(),
        home.strongbox(),
        out,
        opened,
        home.file("ledger"),
        home.file("Anna.state"),
        home.kit("Anna"),
        home.totp("Anna"),
        text(&receipt, "receipt").into(),
    ];
    let open: Vec<String> = written.iter().flat_map(|path| open_to_others(path)).collect();
    assert_eq!(open, [""; 0]);

    // What an earlier release, or whoever put a copy back, left open is closed at the next start.
    home.stop();
    let left =
        [home.data().join("porchlight.json"), home.data().join("ledger"), home.strongbox().join("slot-1")];
    for path in &left {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    home.serve();
    assert_eq!(
        [home.data(), home.strongbox()].iter().flat_map(|path| open_to_others(path)).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn what_nobody_sees_is_refused_in_names_and_harmless_where_it_was_said() {
    let House { home, mut anna, .. } = House::new();
    for hidden in ["\u{1b}[2J", "\u{202e}", "\u{200b}", "\u{2066}", "\u{9b}2J", "\n"] {
        let name = format!("An{hidden}na");
        let refused = |arguments: &[&str]| {
            let why = home.anna(arguments).refused();
            assert!(hidden == "\n" || !why.contains(hidden), "{why:?}");
            why
        };
        let why = refused(&["person", "rename", "Ben", &name]);
        assert!(why.contains("U+"), "{why}");
        refused(&["device", "add", &name, "--kind", "microphone"]);
        refused(&["device", "move", "Kitchen", &name]);
        refused(&["effect", "add", &name]);
        refused(&["session", "name", "this", &name]);
        refused(&["hold", "add", "1", "--until", "2199-01-01", "--why", &name]);
        let request =
            json!({ "text": "What time is it?", "device": null, "aloud": false, "conversation": name });
        assert_eq!(anna.post("/api/ask", &request).0, 400, "{name:?}");

        // What was said is answered, and shown with what is hidden in it written out; JSON stays what it says.
        let asked = format!("Put mi{hidden}lk on the shopping list.");
        let words = home.words(&["ask", &asked]);
        assert!(!words.contains(hidden) || hidden == "\n" && words.contains("mi\\u{a}lk"), "{words:?}");
        let answer = home.anna(&["ask", &asked]);
        let line = String::from_utf8(answer.out.clone()).unwrap();
        assert!(!line.trim_end().contains(hidden), "{line:?}");
        assert_eq!(text(&answer.one(), "transcript"), asked);
        for shown in [
            &["effect", "list"][..],
            &["list"],
            &["ledger", "list"],
            &["events", "--after", "0", "--count", "3"],
        ] {
            let words = home.words(shown);
            assert!(hidden == "\n" || !words.contains(hidden), "{shown:?}: {words:?}");
        }
    }
    for name in ["Zoë", "علی‌رضا", "👨‍👩‍👧‍👦 Kim", "שרה"] {
        home.anna(&["device", "rename", "Kitchen", name]).one();
        assert!(home.words(&["device", "list"]).contains(name), "{name}");
        home.anna(&["device", "rename", name, "Kitchen"]).one();
    }
}

#[test]
fn no_answer_repeats_what_a_database_or_a_library_says() {
    let House { home: _home, mut anna, .. } = House::new();
    let kinds = vec!["voice"; 1_000].join(",");
    let unknown = "x".repeat(3_000);
    let many: Vec<u64> = (1..40_000).collect();
    let mut odd = vec![
        ("GET", format!("/api/recordings?kind={kinds}"), None),
        ("GET", format!("/api/recordings?kind={unknown}"), None),
        ("GET", format!("/api/recordings?person={unknown}"), None),
        ("GET", "/api/recordings?limit=-1".to_owned(), None),
        ("GET", "/api/recordings?nonsense=1".to_owned(), None),
        ("GET", "/api/recordings?from=%00".to_owned(), None),
        ("GET", "/api/recordings?kind=%27%3B%20DROP%20TABLE%20session".to_owned(), None),
        ("GET", "/api/ledger/lines?from=18446744073709551616".to_owned(), None),
        ("GET", "/api/looks/x/y".to_owned(), None),
        ("GET", "/api/events/99999999999999999999/words".to_owned(), None),
        ("GET", "/api/ledger/trees/-1".to_owned(), None),
        ("GET", "/api/passkeys/start".to_owned(), None),
        ("DELETE", "/api/holds/%F0%9F%94%A5".to_owned(), None),
    ];
    let bodies = [
        json!({ "ids": many }),
        json!({ "ids": [-1] }),
        json!({ "filter": { "kind": kinds } }),
        json!({ "filter": 7 }),
        json!({ "nonsense": "canary" }),
        json!([[[[]]]]),
        json!("canary"),
        Value::Null,
    ];
    for body in bodies {
        for path in [
            "/api/forget/preview",
            "/api/forget",
            "/api/looks",
            "/api/holds",
            "/api/ask",
            "/api/ledger/details",
            "/api/effects",
            "/api/devices/credential",
            "/api/sign-in/start",
        ] {
            // Before a session a body is kilobytes: one that is longer is cut off while it is sent.
            if path != "/api/sign-in/start" || body.to_string().len() < 16_000 {
                odd.push(("POST", path.to_owned(), Some(body.clone())));
            }
        }
        odd.push(("PUT", "/api/household".to_owned(), Some(body)));
    }
    for (method, path, body) in odd {
        let (status, said) = anna.ask(method, &path, body.as_ref());
        let place = format!(
            "{method} {} {}",
            &path[..path.len().min(60)],
            body.map(|body| body.to_string().chars().take(60).collect::<String>()).unwrap_or_default()
        );
        assert!((400..500).contains(&status), "{place}: {status} {said}");
        let message = text(&said, "message");
        for foreign in [
            "eserialize",
            "sqlite",
            "SQL",
            "missing field",
            "invalid type",
            "unknown field",
            "expected",
            "canary",
            "axum",
            "serde",
            "line 1 column",
        ] {
            assert!(!message.contains(foreign), "{place}: {message}");
        }
        assert!(message.len() < 700, "{place}: {message}");
    }
}
