//! Forgetting: the preview, the five steps, and what must be gone after them.

use porchlight_vault::{Error, Filter, Id, Kind, LedgerEntry, Selection, Token};

use crate::house::{House, close, files, holding, ids, release};

#[tokio::test]
async fn a_forgotten_moment_is_gone_with_all_that_was_made_of_it_and_from_it() {
    let house = House::new();
    let vault = house.create().await;
    let gone = house.say(&vault, "forget this").await;
    let kept = house.say(&vault, "keep this").await;
    let both = house.derive(&vault, &[gone.moment, kept.moment]).await;
    let again = house.derive(&vault, &[both.moment]).await;
    let header = sealed_header(&house, gone.recordings[0]).await;
    assert_eq!(holding(&house.data(), &header).len(), 1);

    // One recording stands for its moment.
    let plan = vault.plan(&Selection::Ids(vec![gone.recordings[1]])).await.unwrap();
    let shown: Vec<Id> = plan.recordings.iter().map(|entry| entry.id).collect();
    let all = [gone.recordings.clone(), both.recordings.clone(), again.recordings.clone()].concat();
    assert_eq!(shown, all);
    assert_eq!(plan.moments, [gone.moment, both.moment, again.moment]);

    let forgotten = vault.forget(&plan.token, &[], house.why()).await.unwrap();
    assert_eq!(forgotten.recordings, all);
    assert_eq!(forgotten.moments, plan.moments);
    assert_eq!((forgotten.unswept, forgotten.line), (None, Some(0)));
    assert_eq!(forgotten.checkpoint, vault.checkpoint().await.unwrap());

    assert_eq!(ids(&vault).await, kept.recordings);
    let refused = release(&vault, &[gone.recordings[0]], house.look()).await.unwrap_err();
    assert!(matches!(refused, Error::Unknown(_)), "{refused}");
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    assert_eq!(holding(&house.data(), &header), Vec::<std::path::PathBuf>::new(), "not even in the journal");
    assert_eq!(files(&house.data().join("blobs")).len(), 1, "one sound is left");
    close(vault).await;
}

#[tokio::test]
async fn a_preview_shows_what_would_go_and_is_confirmed_once() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    let plan = vault.plan(&Selection::Ids(vec![said.moment])).await.unwrap();
    assert_eq!(ids(&vault).await, said.recordings, "a preview changes nothing");
    // Made between preview and confirmation: it goes too. Said in between: it stays.
    let derived = house.derive(&vault, &[said.moment]).await;
    let later = house.say(&vault, "later").await;
    let forgotten = vault.forget(&plan.token, &[], house.why()).await.unwrap();
    assert_eq!(forgotten.recordings, [said.recordings, derived.recordings].concat());
    assert_eq!(ids(&vault).await, later.recordings);
    for token in [plan.token, Token::new("nonsense")] {
        let refused = vault.forget(&token, &[], house.why()).await.unwrap_err();
        assert!(matches!(refused, Error::NoPlan), "{refused}");
    }
    let unknown = vault.plan(&Selection::Ids(vec![later.moment, Id::from(7)])).await.unwrap_err();
    assert!(unknown.to_string().contains("id 7"), "{unknown}");
    assert!(vault.plan(&Selection::Ids(vec![])).await.is_err());
    let limited = Selection::Filter(Filter { limit: Some(1), ..Filter::default() });
    assert!(vault.plan(&limited).await.is_err());
    close(vault).await;
}

#[tokio::test]
async fn effects_stay_unless_they_are_chosen() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "set two timers").await;
    let mut effects = Vec::new();
    for name in ["tea", "eggs"] {
        let mut effect = house.moment(vec![house.recording(Kind::Timer, 1, name)]);
        effect.caused_by = Some(said.recordings[1]);
        effects.push(vault.keep(effect).await.unwrap());
    }
    let plan = vault.plan(&Selection::Ids(vec![said.moment])).await.unwrap();
    let offered: Vec<Id> = plan.effects.iter().map(|entry| entry.id).collect();
    assert_eq!(offered, [effects[0].recordings[0], effects[1].recordings[0]]);
    assert_eq!(plan.effects[0].caused_by, Some(said.moment));
    assert_eq!(plan.recordings.len(), 2);

    house.clock.advance(std::time::Duration::from_secs(1));
    let other = house.say(&vault, "other").await;
    let refused = vault.forget(&plan.token, &[other.recordings[0]], house.why()).await.unwrap_err();
    assert!(refused.to_string().contains("was not offered"), "{refused}");
    let plan = vault.plan(&Selection::Ids(vec![said.moment])).await.unwrap();
    vault.forget(&plan.token, &[effects[0].recordings[0]], house.why()).await.unwrap();
    assert_eq!(ids(&vault).await, [effects[1].recordings.clone(), other.recordings].concat());
    let eggs = &vault.list(&Filter { kinds: vec![Kind::Timer], ..Filter::default() }).await.unwrap()[0];
    assert_eq!(eggs.caused_by, None, "the link goes with what it pointed to");
    assert_eq!(house.read(&vault, eggs.id).await, "eggs");
    close(vault).await;
}

#[tokio::test]
async fn a_filter_forgets_everything_it_finds_but_the_ledger() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    house.release(&vault, &said.recordings).await;
    let plan = vault.plan(&Selection::Filter(Filter::default())).await.unwrap();
    assert_eq!(plan.recordings.len(), 2);
    vault.forget(&plan.token, &[], house.why()).await.unwrap();
    assert_eq!(ids(&vault).await, []);
    let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
    assert_eq!(told.len(), 2);
    for told in &told {
        let LedgerEntry::Event { detail: Some(detail), .. } = told else { panic!("{told:?}") };
        let refused = vault.plan(&Selection::Ids(vec![*detail])).await.unwrap_err();
        assert!(matches!(refused, Error::Detail(_)), "{refused}");
    }
    let LedgerEntry::Event { kind, detail: Some(detail), .. } = &told[1] else { panic!() };
    assert_eq!(kind, "deletion");
    let detail = house.decrypt(&vault.details(&[*detail]).await.unwrap().released[0]);
    assert!(detail.contains(r#""reason":"asked""#) && detail.contains(r#""by":"ann""#), "{detail}");
    close(vault).await;
}

#[tokio::test]
async fn nothing_new_is_made_from_what_is_being_forgotten() {
    let house = std::sync::Arc::new(House::new());
    let vault = std::sync::Arc::new(house.create().await);
    let said = house.say(&vault, "hello").await;
    let plan = vault.plan(&Selection::Ids(vec![said.moment])).await.unwrap();
    let mut makers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (house, vault) = (house.clone(), vault.clone());
        makers.spawn(async move {
            let mut made = 0;
            loop {
                let mut recording = house.recording(Kind::Snapshot, 60, "made");
                recording.sources = vec![said.moment];
                match vault.keep(house.moment(vec![recording])).await {
                    Ok(_) => made += 1,
                    Err(Error::SourceGone(_)) => return made,
                    Err(why) => panic!("{why}"),
                }
            }
        });
    }
    let forgotten = vault.forget(&plan.token, &[], house.why()).await.unwrap();
    let made: usize = makers.join_all().await.into_iter().sum();
    assert_eq!(forgotten.recordings.len(), 2 + made, "all that was made before went with it");
    assert_eq!(ids(&vault).await, []);
    vault.close().await.unwrap();
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_half_done() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    let plan = vault.plan(&Selection::Ids(vec![said.moment])).await.unwrap();
    {
        let mut forget = Box::pin(vault.forget(&plan.token, &[], house.why()));
        // Polled once, so that it has begun, and then dropped.
        assert!(futures::poll!(&mut forget).is_pending());
    }
    vault.expire(&house.readers()).await.unwrap(); // Waits its turn behind it.
    while !vault.list(&Filter::default()).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    close(vault).await;
    let vault = house.open().await;
    assert_eq!(vault.opening().finished, Vec::<u64>::new());
    close(vault).await;
}

async fn sealed_header(house: &House, id: Id) -> Vec<u8> {
    let catalog = house.catalog().await;
    let header = sqlx::query_scalar("SELECT header FROM recordings WHERE id = $1")
        .bind(i64::try_from(id.get()).unwrap())
        .fetch_one(&catalog)
        .await
        .unwrap();
    catalog.close().await;
    header
}
