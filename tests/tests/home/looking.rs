//! What is kept: found by any filter, opened by its owner, taken away as files that need no hub.

use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use porchlight_tests::{Home, find_bytes, has, ids, number, text};
use serde_json::Value;

/// Two moments in the study, one by push-to-talk, and something on the shopping list.
fn home_with_memories() -> Option<Home> {
    let home = Home::that_speaks()?;
    home.add_microphone("Kitchen");
    home.add_annas_microphone("Study");
    home.say("What time is it?", "Study");
    home.say("What day is it?", "Study");
    home.anna(&["say", home.speech("What day is it?").to_str().unwrap()]).one();
    home.say("Put bananas on the shopping list.", "Kitchen");
    Some(home)
}

#[test]
fn what_is_kept_is_found_by_any_filter() {
    let Some(home) = home_with_memories() else { return };
    let all = home.list(&[]);
    assert_eq!(all.len(), 10, "{all:?}");
    // Whatever a filter finds is exactly what the whole list shows with that property.
    let having = |fits: &dyn Fn(&Value) -> bool| ids(all.iter().filter(|recording| fits(recording)));
    let found = |filters: &[&str]| ids(&home.list(filters));

    assert_eq!(found(&["--device", "Study"]), having(&|recording| recording["device"] == "Study"));
    assert_eq!(found(&["--device", "study"]).len(), 6, "names are the same in small letters");
    assert_eq!(found(&["--person", "Anna"]), having(&|recording| recording["person"] == "Anna"));
    assert_eq!(found(&["--kind", "note"]), having(&|recording| recording["kind"] == "note"));
    let two = having(&|recording| recording["kind"] == "voice" || recording["kind"] == "reply");
    assert_eq!(found(&["--kind", "voice,reply"]), two);
    assert_eq!(found(&["--kind", "voice", "--kind", "reply"]), two);
    assert_eq!(found(&["--kind", "voice", "--device", "Study"]).len(), 2, "every part must fit");
    assert!(found(&["--kind", "video"]).is_empty());

    let start = |recording: &Value| text(recording, "start").parse::<Timestamp>().unwrap();
    let end = |recording: &Value| {
        start(recording) + SignedDuration::from_secs_f64(recording["seconds"].as_f64().unwrap())
    };
    // A span of time finds what reaches into it.
    let mut starts: Vec<_> = all.iter().map(start).collect();
    starts.sort();
    let middle = starts[5];
    assert_eq!(found(&["--from", &middle.to_string()]), having(&|recording| end(recording) >= middle));
    assert_eq!(found(&["--to", &middle.to_string()]), having(&|recording| start(recording) < middle));
    let later = (Timestamp::now() + SignedDuration::from_mins(1)).to_string();
    assert!(found(&["--from", &later]).is_empty());
    assert_eq!(found(&["--from", "2026-01-01", "--to", &later]).len(), 10);
    assert!(found(&["--to", "2026-01-01"]).is_empty());
    let words = home.words(&["list", "--device", "Study"]);
    assert_eq!(words.lines().count(), 6, "{words}");
    assert!(!words.contains("What"), "when and where, never what: {words}");
}

#[test]
fn an_export_opens_with_the_recovery_kit_and_no_hub() {
    let Some(mut home) = home_with_memories() else { return };
    home.add_adult("Tom");
    let (out, listed) = (home.file("export"), home.list(&["--device", "Study"]));
    let done = home.anna(&["export", "--device", "Study", "--out", out.to_str().unwrap()]).one();
    assert_eq!((number(&done, "exported"), number(&done, "sealed_to_others")), (6, 0));
    let whole = fs::read(home.speech("What day is it?")).unwrap();
    assert_eq!(find_bytes(&out, &whole[whole.len() / 2..][..128]), None, "the files are sealed");

    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!((number(&manifest, "format"), &manifest["ledger_line"]), (1, &done["ledger_line"]));
    let entries = manifest["recordings"].as_array().unwrap();
    for (entry, recording) in entries.iter().zip(&listed) {
        assert_eq!(&entry["recording"], recording, "the manifest says what the list says");
        assert_eq!(text(entry, "file"), format!("{}.age", recording["id"]));
    }
    assert_eq!(entries.len(), 6);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 7, "these and the manifest");

    // Tom's own export has what concerns the household, and nothing of Anna's.
    let toms = home.file("toms");
    let done = home.run_as("Tom", &["export", "--out", toms.to_str().unwrap()]).one();
    assert_eq!(number(&done, "exported"), 1, "the shopping list: {done}");
    assert_eq!(
        number(&done, "sealed_to_others"),
        0,
        "of Anna's he is not even told how much there is: {done}"
    );

    home.stop();
    if !has("age", "that an export opens with Debian's age") {
        return;
    }
    let open = |kit: &str, recording: &Value| {
        let file = out.join(format!("{}.age", recording["id"]));
        Command::new("age").args(["-d", "-i"]).arg(home.kit(kit)).arg(file).output().unwrap()
    };
    let voices =
        [home.speech("What time is it?"), home.speech("What day is it?")].map(|file| fs::read(file).unwrap());
    for recording in &listed {
        let plain = open("Anna", recording);
        assert!(plain.status.success(), "{}", String::from_utf8_lossy(&plain.stderr));
        match text(recording, "kind") {
            "voice" => assert!(voices.contains(&plain.stdout), "the very sound"),
            _ => assert!(
                String::from_utf8(plain.stdout).unwrap().to_lowercase().contains("it"),
                "the very words"
            ),
        }
        assert!(!open("Tom", recording).status.success(), "only Anna's kit opens it");
    }
}

#[test]
fn a_recording_opens_with_the_session_or_with_a_kit() {
    let Some(home) = home_with_memories() else { return };
    home.add_adult("Tom");
    let transcript = ids(&home.list(&["--device", "Study", "--kind", "transcript"]))[0];
    let plain = home.open(transcript);
    assert!(plain.starts_with(b"What"), "{}", String::from_utf8_lossy(&plain));

    let (id, out) = (transcript.to_string(), home.file("words"));
    let with = |kit: &str| {
        let kit = home.kit(kit);
        home.anna(&["open", &id, "--identity", kit.to_str().unwrap(), "--out", out.to_str().unwrap()])
    };
    let opened = with("Anna").one();
    assert_eq!((number(&opened, "id"), text(&opened, "kind")), (transcript, "transcript"));
    assert_eq!(fs::read(&out).unwrap(), plain);
    fs::remove_file(&out).unwrap();
    let why = with("Tom").refused();
    assert!(why.contains("does not open") && !out.exists(), "{why}");
    assert_eq!(home.words(&["open", &id, "--out", "-"]).as_bytes(), plain, "also into a pipe");

    // Each of these was a look, and each look is seen by the household.
    assert!(home.list(&["--kind", "look"]).len() >= 4);
}

#[test]
fn a_corrupt_file_is_named_and_the_rest_opens() {
    let Some(mut home) = home_with_memories() else { return };
    let all = ids(&home.list(&["--person", "Anna"]));
    let words: Vec<_> = all.iter().map(|id| home.open(*id)).collect();
    home.stop();
    let mut blobs = porchlight_tests::files_below(&home.data().join("blobs"));
    blobs.sort_by_key(|blob| fs::metadata(blob).unwrap().len());
    let largest = blobs.last().unwrap();
    let mut bytes = fs::read(largest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(largest, bytes).unwrap();

    home.serve();
    let mut damaged = Vec::new();
    for (id, words) in all.iter().zip(&words) {
        let out = home.file("opened again");
        let opened = home.anna(&["open", &id.to_string(), "--out", out.to_str().unwrap()]);
        if opened.succeeded() {
            assert_eq!(&fs::read(&out).unwrap(), words);
        } else {
            let why = opened.refused();
            assert!(why.contains(&format!("recording {id} is damaged")), "{why}");
            damaged.push(*id);
        }
    }
    assert_eq!(damaged.len(), 1, "{damaged:?}");
    // Nor does an export stop at it.
    let out = home.file("export");
    let export = home.anna(&["export", "--person", "Anna", "--out", out.to_str().unwrap()]);
    let (taken, why) = export.alarm();
    let rest: Vec<u64> = all.iter().copied().filter(|id| *id != damaged[0]).collect();
    assert_eq!(number(&taken, "exported"), rest.len() as u64, "{taken}");
    assert_eq!(ids(taken["not_taken"].as_array().unwrap()), damaged, "{taken}");
    assert!(why.contains(&format!("{} recordings taken, 1 recording not", rest.len())), "{why}");
    assert!(
        why.contains(&format!("Recording {} (", damaged[0])) && why.contains(") is not taken: "),
        "{why}"
    );
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let listed = manifest["recordings"].as_array().unwrap().iter().map(|entry| &entry["recording"]);
    assert_eq!(ids(listed), rest);
    for id in &all {
        let size = fs::metadata(out.join(format!("{id}.age"))).map_or(0, |file| file.len());
        assert_eq!(size > 0, rest.contains(id), "{id}");
    }
    assert_eq!(fs::read_dir(&out).unwrap().count(), rest.len() + 1, "no empty file either");
    // Where it cannot go on, the manifest names what was taken until then.
    let (last, before) = rest.split_last().unwrap();
    let out = home.file("blocked");
    fs::create_dir_all(out.join(format!("{last}.age"))).unwrap();
    let why = home.anna(&["export", "--person", "Anna", "--out", out.to_str().unwrap()]).refused();
    assert!(why.contains(&format!("{} recordings taken", before.len())), "{why}");
    assert!(why.contains("cannot write"), "{why}");
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let listed = manifest["recordings"].as_array().unwrap().iter().map(|entry| &entry["recording"]);
    assert_eq!(ids(listed), before);
    let doctor = home.anna(&["doctor", "--thorough"]);
    assert!(!doctor.succeeded());
    let named =
        |check: &Value| check["state"] == "bad" && text(check, "sentence").contains(&damaged[0].to_string());
    assert!(doctor.json_lines().iter().any(named), "{doctor:?}");

    // Even damaged it can be forgotten.
    home.anna(&["forget", &damaged[0].to_string(), "--yes"]).one();
    assert!(home.list(&[]).iter().all(|left| number(left, "id") != damaged[0]));
}
