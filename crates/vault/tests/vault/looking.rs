//! Looking: ordinary age files, and a line before the first byte.

use std::io::Write;
use std::process::{Command, Stdio};

use age::secrecy::ExposeSecret;
use porchlight_vault::{Audience, Error, Filter, Id, Kind, LedgerEntry};

use crate::house::{House, close, files, ids, release};

#[tokio::test]
async fn a_release_is_an_age_file_that_the_audience_opens() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "what time is it").await;
    let looked = house.release(&vault, &[kept.moment]).await;
    assert_eq!(looked.released.len(), 2, "a moment stands for its recordings");
    assert!(house.decrypt(&looked.released[0]).starts_with("what time is it"));
    assert_eq!(house.decrypt(&looked.released[1]), "what time is it");

    let stranger = age::x25519::Identity::generate();
    assert!(age::decrypt(&stranger, &looked.released[1].age_file()).is_err());
    assert!(!format!("{looked:?}").contains("X25519"));
    close(vault).await;
}

#[tokio::test]
async fn the_ordinary_age_command_opens_it_too() {
    let Ok(version) = Command::new("age").arg("--version").output() else {
        eprintln!("skipped: there is no age command here");
        return;
    };
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "open sesame").await;
    let looked = house.release(&vault, &[kept.recordings[1]]).await;
    let key = house.path("ann.key");
    std::fs::write(&key, house.ann.to_string().expose_secret()).unwrap();
    let mut age = Command::new("age")
        .args(["-d", "-i", key.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    age.stdin.take().unwrap().write_all(&looked.released[0].age_file()).unwrap();
    let output = age.wait_with_output().unwrap();
    assert!(output.status.success(), "{version:?}");
    assert_eq!(output.stdout, b"open sesame");
    close(vault).await;
}

#[tokio::test]
async fn each_look_is_a_line_and_its_detail_says_who_saw_what() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    let looked = house.release(&vault, &kept.recordings).await;
    let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
    assert_eq!(told.len(), 1, "one request is one look");
    let LedgerEntry::Event { index, kind, detail: Some(detail), .. } = &told[0] else { panic!("{told:?}") };
    assert_eq!((*index, kind.as_str()), (looked.line, "look"));

    let read = vault.details(&[*detail]).await.unwrap();
    let text = house.decrypt(&read.released[0]);
    let (salt, said) = text.split_once('\n').unwrap();
    assert!(salt.starts_with(r#"{"salt":"#), "{salt}");
    let said: serde_json::Value = serde_json::from_str(said).unwrap();
    assert_eq!(said["said"]["by"], "ann");
    assert_eq!(said["recordings"], serde_json::to_value(&kept.recordings).unwrap());
    assert_eq!(vault.ledger_entries(0..u64::MAX).await.unwrap().len(), 1, "reading the ledger is no look");
    let asked = [kept.recordings[0], *detail, kept.moment];
    let refused = vault.details(&asked).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Unknown(ids) if *ids == [kept.recordings[0], kept.moment]),
        "of all that is no detail it is not even told that it is there: {refused}"
    );

    // Details are not on the timeline, unless they are asked for.
    assert_eq!(vault.list(&Filter::default()).await.unwrap().len(), 2);
    let looks = vault.list(&Filter { kinds: vec![Kind::Look], ..Filter::default() }).await.unwrap();
    assert_eq!((looks.len(), looks[0].id), (1, *detail));
    close(vault).await;
}

#[tokio::test]
async fn one_look_is_fetched_recording_by_recording_and_no_further() {
    let house = House::new();
    let vault = house.create().await;
    let (seen, other) = (house.say(&vault, "hello").await, house.say(&vault, "other").await);
    let pass = vault.look(&[seen.moment], house.look()).await.unwrap();
    assert_eq!(pass.line(), 0);
    assert_eq!(vault.ledger_entries(0..u64::MAX).await.unwrap().len(), 1, "the line comes before any fetch");
    assert_eq!(house.decrypt(&vault.fetch(&pass, seen.recordings[1]).await.unwrap()), "hello");
    let refused = vault.fetch(&pass, other.recordings[1]).await.unwrap_err();
    assert!(matches!(refused, Error::BadInput(_)), "{refused}");
    house.forget(&vault, &[seen.moment]).await;
    let refused = vault.fetch(&pass, seen.recordings[0]).await.unwrap_err();
    assert!(matches!(refused, Error::Unknown(_)), "{refused}");
    close(vault).await;
}

#[tokio::test]
async fn what_is_not_known_is_named_and_is_no_look() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    let refused = release(&vault, &[kept.recordings[0], Id::from(99)], house.look()).await.unwrap_err();
    assert!(matches!(&refused, Error::Unknown(ids) if ids == &[Id::from(99)]), "{refused}");
    assert_eq!(vault.ledger_entries(0..u64::MAX).await.unwrap(), []);
    close(vault).await;
}

#[tokio::test]
async fn without_its_line_nothing_is_released() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    // The strongbox takes no checkpoint any more: a folder stands where the file is put.
    let strongbox = house.path("home.strongbox");
    std::fs::create_dir(strongbox.join("checkpoint.new")).unwrap();
    assert!(release(&vault, &kept.recordings, house.look()).await.is_err());
    std::fs::remove_dir(strongbox.join("checkpoint.new")).unwrap();
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "hello");
    close(vault).await;
}

#[tokio::test]
async fn the_hub_opens_only_what_is_sealed_to_it() {
    let house = House::new();
    let vault = house.create().await;
    let mut list = house.recording(Kind::Note, 90, "milk");
    list.audience = house.for_ann().and_hub();
    let mut print = house.recording(Kind::Voiceprint, 90, "0.1 0.2");
    print.audience = Audience::hub();
    let kept = vault.keep(house.moment(vec![list, print])).await.unwrap();
    assert_eq!(vault.read_own(kept.recordings[0]).await.unwrap().as_slice(), b"milk");
    assert_eq!(vault.read_own(kept.recordings[1]).await.unwrap().as_slice(), b"0.1 0.2");
    assert_eq!(house.read(&vault, kept.recordings[0]).await, "milk");
    let said = house.say(&vault, "a secret").await;
    let refused = vault.read_own(said.recordings[1]).await.unwrap_err();
    assert!(matches!(refused, Error::NotForHub(_)), "{refused}");
    assert!(vault.hub_recipient().starts_with("age1"));
    assert!(!files(&house.data()).is_empty());
    close(vault).await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_hides_no_other() {
    let house = House::new();
    let vault = house.create().await;
    let (one, two) = (house.say(&vault, "one").await, house.say(&vault, "two").await);
    close(vault).await;
    let whole: Vec<_> = [&one.recordings[..], &two.recordings].concat();
    for damage in ["kind = 'nonsense'", "size = 'text'", "media_type = CAST(x'ff' AS TEXT)", "ends = 'soon'"]
    {
        house.copy_data("before");
        let catalog = house.catalog().await;
        let statement = format!("UPDATE recordings SET {damage} WHERE id = {}", one.recordings[0]);
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&catalog).await.unwrap();
        catalog.close().await;
        let vault = house.open().await;
        assert_eq!(ids(&vault).await, whole[1..], "{damage}");
        assert_eq!(house.read(&vault, two.recordings[1]).await, "two");
        close(vault).await;
        house.put_back("before");
        std::fs::remove_dir_all(house.path("before")).unwrap();
    }
}
