//! Lines, and that they can be checked.

use porchlight_ledger::{Hash, proof};
use porchlight_vault::{LedgerEntry, Line, Readers};
use serde_json::json;

use crate::house::{DAY, House, close};

#[tokio::test]
async fn lines_outlive_their_details_and_prove_to_be_there() {
    let house = House::new();
    let vault = house.create().await;
    let readers = Readers { audience: house.for_ann(), until: house.after(5) };
    for kind in ["consent", "sign-in", "consent"] {
        let line = Line { kind: kind.into(), detail: json!({ "who": "ann" }), readers: readers.clone() };
        assert!(!format!("{line:?}").contains("ann"));
        vault.record(line).await.unwrap();
    }
    let bad = Line { kind: "Sign In".into(), detail: json!({}), readers: readers.clone() };
    assert!(vault.record(bad).await.is_err());

    let told = vault.ledger_entries(1..u64::MAX).await.unwrap();
    assert_eq!(told.len(), 2);
    let LedgerEntry::Event { index: 1, kind, detail: Some(detail), commitment, .. } = &told[0] else {
        panic!("{told:?}")
    };
    assert_eq!(kind, "sign-in");

    // The detail and its salt are what the line commits to, for anyone who can open it.
    let text = house.decrypt(&vault.details(&[*detail]).await.unwrap().released[0]);
    let (first, said) = text.split_once('\n').unwrap();
    let first: serde_json::Value = serde_json::from_str(first).unwrap();
    let salt = hex::decode(first["salt"].as_str().unwrap()).unwrap();
    use sha2::{Digest, Sha256};
    assert_eq!(hex::encode(Sha256::digest([&salt, said.as_bytes()].concat())), *commitment);

    let (path, root, entry) = vault
        .ledger(|ledger| Ok((ledger.inclusion(1, 3)?, ledger.root(), ledger.entry(1)?.unwrap())))
        .await
        .unwrap();
    assert!(proof::verify_inclusion(&Hash::leaf(&entry), 1, 3, &path, &root).is_ok());

    house.clock.advance(6 * DAY);
    vault.expire(&house.readers()).await.unwrap();
    let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|told| matches!(told, LedgerEntry::Event { detail: None, .. })));
    assert_eq!(vault.ledger_entries(9..12).await.unwrap(), []);
    close(vault).await;
}
