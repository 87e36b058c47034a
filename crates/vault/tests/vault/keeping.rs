//! Keeping and finding.

use jiff::SignedDuration;
use porchlight_vault::{Clock, Error, Filter, Id, Kind, Owner};

use crate::house::{DAY, House, close, holding, ids};

#[tokio::test]
async fn what_is_kept_is_found_by_what_the_catalog_says_of_it() {
    let house = House::new();
    let vault = house.create().await;
    let morning = house.say(&vault, "good morning").await;
    house.clock.advance(DAY);
    let mut elsewhere = house.moment(vec![house.recording(Kind::Video, 7, "film")]);
    elsewhere.device = Some("door-camera".into());
    elsewhere.room = Some("hall".into());
    elsewhere.person = None;
    let film = vault.keep(elsewhere).await.unwrap();

    let find = async |filter: Filter| -> Vec<Id> {
        vault.list(&filter).await.unwrap().into_iter().map(|entry| entry.id).collect()
    };
    let all = [morning.recordings.clone(), film.recordings.clone()].concat();
    let now = house.clock.now();
    assert_eq!(find(Filter::default()).await, all);
    assert_eq!(find(Filter { ids: vec![morning.moment], ..Filter::default() }).await, morning.recordings);
    assert_eq!(find(Filter { ids: vec![all[1], all[2]], ..Filter::default() }).await, all[1..]);
    assert_eq!(
        find(Filter { devices: vec!["door-camera".into()], ..Filter::default() }).await,
        film.recordings
    );
    assert_eq!(find(Filter { rooms: vec!["kitchen".into()], ..Filter::default() }).await, morning.recordings);
    assert_eq!(find(Filter { persons: vec!["ann".into()], ..Filter::default() }).await, morning.recordings);
    assert_eq!(
        find(Filter { kinds: vec![Kind::Video, Kind::Voice], ..Filter::default() }).await,
        [all[0], all[2]]
    );
    assert_eq!(
        find(Filter { limit: Some(2), ..Filter::default() }).await,
        all[1..],
        "the newest, newest last"
    );

    // As many ids as can be named at once, and one more.
    let many: Vec<Id> = (1..10_000).map(|n| Id::from(1 << 40 | n)).chain([all[1]]).collect();
    assert_eq!(find(Filter { ids: many.clone(), ..Filter::default() }).await, [all[1]]);
    let too_many = Filter { ids: [many, vec![all[2]]].concat(), ..Filter::default() };
    assert!(vault.list(&too_many).await.unwrap_err().to_string().contains("10001 ids"));

    // [from, to) overlaps the moment's [start, end).
    let span = |from: i64, to: i64| Filter {
        from: Some(now + SignedDuration::from_secs(from)),
        to: Some(now + SignedDuration::from_secs(to)),
        ..Filter::default()
    };
    assert_eq!(find(span(2, 9)).await, film.recordings);
    assert_eq!(find(span(3, 9)).await, []);
    assert_eq!(find(span(-9, 0)).await, []);
    assert_eq!(find(span(-9, 1)).await, film.recordings);
    let mut instant = house.moment(vec![house.recording(Kind::Note, 7, "milk")]);
    instant.end = instant.start;
    let note = vault.keep(instant).await.unwrap();
    assert_eq!(find(span(0, 1)).await, [film.recordings, note.recordings].concat());

    let entry = &vault.list(&Filter { ids: vec![all[0]], ..Filter::default() }).await.unwrap()[0];
    assert_eq!((entry.moment, entry.kind, entry.seconds), (morning.moment, Kind::Voice, 3.0));
    assert_eq!((entry.owner.clone(), entry.purpose.as_str()), (Owner::Person("ann".into()), "history"));
    assert_eq!(entry.sources, [morning.moment]);
    let json = serde_json::to_value(entry).unwrap();
    assert_eq!(json["id"], all[0].get());
    assert_eq!(json["kind"], "voice");
    assert_eq!(json["owner"]["person"], "ann");
    close(vault).await;
}

#[tokio::test]
async fn no_word_of_it_reaches_the_disk_in_the_clear() {
    let house = House::new();
    let vault = house.create().await;
    house.say(&vault, "the-canary-word").await;
    close(vault).await;
    assert_eq!(holding(&house.path(""), b"canary"), Vec::<std::path::PathBuf>::new());
    // And the age header lies nowhere either: it names no reader.
    assert_eq!(holding(&house.data(), b"-> X25519"), Vec::<std::path::PathBuf>::new());
    assert_eq!(holding(&house.data(), b"age-encryption.org"), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_leaves_nothing() {
    let house = House::new();
    let vault = house.create().await;
    let refused = vault.keep(house.moment(vec![])).await.unwrap_err().to_string();
    assert!(refused.contains("at least one recording"), "{refused}");
    let mut orphan = house.recording(Kind::Snapshot, 7, "x");
    orphan.sources = vec![Id::from(4711)];
    let refused = vault.keep(house.moment(vec![orphan])).await.unwrap_err();
    assert!(matches!(&refused, Error::SourceGone(ids) if ids == &[Id::from(4711)]), "{refused}");
    assert!(refused.to_string().contains("4711"));
    assert_eq!(ids(&vault).await, []);
    close(vault).await;
}

#[tokio::test]
async fn ids_are_never_given_twice_whatever_is_restarted() {
    let house = House::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut vault = house.create().await;
    for round in 0..4 {
        let kept = house.say(&vault, "hello").await;
        for id in kept.recordings.into_iter().chain([kept.moment]) {
            assert!(seen.insert(id), "{id} was given twice, in round {round}");
        }
        if round % 2 == 0 {
            close(vault).await;
        } else {
            drop(vault);
        }
        vault = house.open().await;
    }
    close(vault).await;
}
