//! Receipts: what they say, that they hold, and how they follow what becomes of a deletion.

use porchlight_ledger::Receipt;
use porchlight_ledger::note::Verifier;
use porchlight_vault::receipt::{Deletion, DeletionReceipt, Stays};
use porchlight_vault::{Error, Forgotten, Mirror, Reason, Selection, StrongboxChange, Vault, Why};

use crate::house::{DAY, House, close};

async fn trusted(vault: &Vault) -> Verifier {
    vault.ledger(|ledger| Ok(ledger.key()?)).await.unwrap()
}

fn read(done: &Forgotten, trusted: &Verifier) -> DeletionReceipt {
    let file = done.receipt.as_ref().expect("a deletion has a receipt").to_json();
    DeletionReceipt::read(file.as_bytes(), Some(trusted)).unwrap()
}

/// The receipt of a line that is in the ledger already, as a client makes it that can open the detail.
async fn read_again(house: &House, vault: &Vault, line: u64) -> DeletionReceipt {
    let told = vault.ledger_entries(line..line + 1).await.unwrap().remove(0);
    let porchlight_vault::LedgerEntry::Event { detail: Some(detail), .. } = told else { panic!("{told:?}") };
    let detail = house.decrypt(&vault.details(&[detail]).await.unwrap().released[0]);
    let receipt = vault.prove_line(line).await.unwrap().receipt(detail.as_bytes()).unwrap();
    DeletionReceipt::read(receipt.to_json().as_bytes(), Some(&trusted(vault).await)).unwrap()
}

#[tokio::test]
async fn a_receipt_names_all_that_was_destroyed_and_what_was_seen_of_it_before() {
    let house = House::new();
    let vault = house.create().await;
    let key = trusted(&vault).await;
    let gone = house.say(&vault, "forget this").await;
    let derived = house.derive(&vault, &[gone.moment]).await;
    let kept = house.say(&vault, "keep this").await;
    house.release(&vault, &gone.recordings).await;
    house.release(&vault, &kept.recordings).await;
    house.release(&vault, &[derived.recordings[0]]).await;

    let plan = vault.plan(&Selection::Ids(vec![gone.moment])).await.unwrap();
    let stays =
        Stays { why: "Only Tom can forget these.".into(), ids: kept.recordings.iter().copied().collect() };
    let done =
        vault.forget(&plan.token, &[], Why { stays: vec![stays.clone()], ..house.why() }).await.unwrap();

    let receipt = read(&done, &key);
    let Deletion { reason, by, recordings, looks, slot, mirrors, .. } = &receipt.deletion;
    assert_eq!((*reason, by.as_str(), receipt.deletion.count()), (Reason::Asked, "ann", 3));
    let mut ids: Vec<_> = receipt.deletion.ids().collect();
    ids.sort_unstable();
    let mut all = [&gone.recordings[..], &derived.recordings, &done.moments].concat();
    all.sort_unstable();
    assert_eq!(ids, all);
    let kinds: Vec<_> = recordings.iter().map(|kind| (kind.kind.to_string(), kind.count)).collect();
    assert_eq!(kinds, [("voice".into(), 1), ("transcript".into(), 1), ("snapshot".into(), 1)]);
    assert_eq!(receipt.deletion.marks().unwrap().len(), 3);
    assert_eq!(receipt.deletion.stays, [stays]);
    let seen: Vec<_> = looks.iter().map(|look| (look.how.as_str(), look.recordings)).collect();
    assert_eq!(seen, [("view", 2), ("view", 1)], "and not the look at what is kept");
    assert_eq!((slot.kind.as_str(), mirrors.len()), ("file", 0));
    assert!(slot.cannot.iter().any(|cannot| cannot.contains("image")));

    let outcome = receipt.outcome.as_ref().unwrap();
    assert!(outcome.is_complete() && outcome.generation == Some(done.generation), "{outcome:?}");
    assert_eq!(Some(receipt.line.index), done.line);
    // The very same can be had later, and is as good.
    let again = read_again(&house, &vault, receipt.line.index).await;
    assert_eq!((again.deletion, again.outcome), (receipt.deletion, receipt.outcome));
    close(vault).await;
}

#[tokio::test]
async fn a_receipt_holds_no_word_of_what_was_forgotten() {
    let house = House::new();
    let vault = house.create().await;
    let gone = house.say(&vault, "the safe is behind the painting").await;
    let done = house.forget(&vault, &[gone.moment]).await;
    let file = done.receipt.unwrap().to_json();
    for word in ["safe", "kitchen-mic", "kitchen"] {
        assert!(!file.contains(word), "{word}: {file}");
    }
    close(vault).await;
}

#[tokio::test]
async fn what_expired_has_a_receipt_too_and_what_ends_in_silence_has_none() {
    let house = House::new();
    let vault = house.create().await;
    let key = trusted(&vault).await;
    house.say(&vault, "for a month").await;
    house.clock.advance(31 * DAY);
    vault.confirm_clock(house.line("clock")).await.unwrap();
    let expired = vault.expire(&house.readers()).await.unwrap().forgotten.unwrap();
    let receipt = read(&expired, &key);
    assert_eq!((receipt.deletion.reason, receipt.deletion.count()), (Reason::Expired, 2));
    // Only the detail of that line is left to end.
    house.clock.advance(500 * DAY);
    vault.confirm_clock(house.line("clock")).await.unwrap();
    let silent = vault.expire(&house.readers()).await.unwrap().forgotten.unwrap();
    assert_eq!((silent.line, silent.receipt), (None, None));
    close(vault).await;
}

#[tokio::test]
async fn a_mirror_that_is_away_is_named_until_it_has_followed() {
    let house = House::new();
    let config = house.config_with(&["box", "stick"]);
    let vault = Vault::create(config.clone(), "home").await.unwrap();
    let key = trusted(&vault).await;
    let gone = house.say(&vault, "forget this").await;
    std::fs::rename(house.path("stick"), house.path("drawer")).unwrap();
    let done = house.forget(&vault, &[gone.moment]).await;
    let receipt = read(&done, &key);
    assert_eq!(receipt.deletion.mirrors, [house.path("stick")]);
    let outcome = receipt.outcome.unwrap();
    assert!(!outcome.is_complete() && outcome.swept);
    assert!(matches!(&outcome.mirrors[0].mirror, Mirror::Pending { why, .. } if !why.is_empty()));

    std::fs::rename(house.path("drawer"), house.path("stick")).unwrap();
    vault.expire(&house.readers()).await.unwrap();
    let later = read_again(&house, &vault, receipt.line.index).await;
    assert_eq!(later.deletion, receipt.deletion, "what was said stays as it was said");
    assert!(later.outcome.unwrap().is_complete());
    close(vault).await;
}

#[tokio::test]
async fn receipts_of_before_hold_after_another_key_has_taken_over() {
    let house = House::new();
    let vault = house.create().await;
    let first = trusted(&vault).await;
    let (one, two) = (house.say(&vault, "one").await, house.say(&vault, "two").await);
    let before = house.forget(&vault, &[one.moment]).await;
    let second = another_key(&vault).await;
    assert_ne!(second, first);
    assert_eq!(trusted(&vault).await, second);
    close(vault).await;

    let vault = house.open().await;
    assert!(!vault.opening().restored());
    let after = house.forget(&vault, &[two.moment]).await;
    read(&before, &first);
    for key in [&first, &second] {
        read(&after, key);
        let again = vault.prove_line(before.line.unwrap()).await.unwrap();
        assert_eq!(again.key, second);
        let receipt = Receipt {
            proof: again.proof,
            successions: again.successions,
            key: again.key,
            outcome: None,
            ..before.receipt.clone().unwrap()
        };
        receipt.verify(Some(key)).unwrap();
    }
    // A copy of before knows nothing of the newer key, and is continued all the same.
    close(vault).await;
}

#[tokio::test]
async fn a_copy_of_before_another_key_took_over_is_continued() {
    let house = House::new();
    let vault = house.create().await;
    let first = trusted(&vault).await;
    house.say(&vault, "something").await;
    close(vault).await;
    house.copy_data("before");
    let vault = house.open().await;
    let kept = house.say(&vault, "else").await;
    another_key(&vault).await;
    house.forget(&vault, &[kept.moment]).await;
    close(vault).await;
    house.put_back("before");
    let vault = house.open().await;
    assert!(vault.opening().restored());
    let gone = house.say(&vault, "again").await;
    let done = house.forget(&vault, &[gone.moment]).await;
    read(&done, &first);
    close(vault).await;
}

#[tokio::test]
async fn only_deletions_have_this_receipt() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    let look = house.release(&vault, &kept.recordings).await;
    let line = look.line;
    let told = vault.ledger_entries(line..line + 1).await.unwrap().remove(0);
    let porchlight_vault::LedgerEntry::Event { detail: Some(detail), .. } = told else { panic!("{told:?}") };
    let detail = house.decrypt(&vault.details(&[detail]).await.unwrap().released[0]);
    let receipt = vault.prove_line(line).await.unwrap().receipt(detail.as_bytes()).unwrap();
    receipt.verify(None).expect("a line is a line");
    let refused = DeletionReceipt::read(receipt.to_json().as_bytes(), None);
    assert!(matches!(refused, Err(Error::BadReceipt(why)) if why.contains("look")));
    assert!(vault.prove_line(99).await.is_err());
    assert!(vault.prove_line(line).await.unwrap().receipt(b"nonsense").is_err());
    close(vault).await;
}

/// Gives the ledger another key.
async fn another_key(vault: &Vault) -> Verifier {
    let key = vault.next_ledger_key().await.unwrap();
    let verifier = key.verifier().clone();
    vault.change(StrongboxChange::default().ledger_key(key)).await.unwrap();
    verifier
}
