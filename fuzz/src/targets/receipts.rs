//! Receipts and their parts: proofs of being in a log, addenda, successions of keys, and what a deletion says.

use std::sync::OnceLock;

use jiff::Timestamp;
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Ledger, LogProof, Receipt, SigningKey, Succession, addendum, commitment, follow};
use porchlight_vault::receipt::{DeletionReceipt, Ids};

use super::text;
use crate::Target;
use crate::memory::Files;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "receipts", run: receipts, seeds: receipt_seeds },
    Target { name: "log-proofs", run: log_proofs, seeds: log_proof_seeds },
    Target { name: "successions", run: successions, seeds: succession_seeds },
    Target { name: "receipt-ids", run: ids, seeds: id_seeds },
];

const ORIGIN: &str = "example.org/log";
const DETAIL: &str = r#"{"v":2,"kind":"deletion","at":"2026-11-24T03:00:00Z","reason":"asked","by":"ann","moments":"5","recordings":[{"kind":"voice","count":2,"ids":"6-7","marks":""}],"stays":[],"effects_kept":"","looks":[],"mirrors":[],"slot":{"kind":"file","cannot":[]}}"#;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

fn verifier() -> Verifier {
    Verifier::new(ORIGIN, key().verifying_key()).expect("the name is plain")
}

/// The one receipt that our key has signed: everything else that verifies under that key is a forgery.
fn genuine() -> Receipt {
    static GENUINE: OnceLock<Receipt> = OnceLock::new();
    GENUINE.get_or_init(sign).clone()
}

fn sign() -> Receipt {
    let mut ledger = Ledger::create(Box::new(Files::default()), key(), ORIGIN).expect("an empty place");
    let at = Timestamp::from_second(1_800_000_000).expect("a time");
    let (entry, salt) = commitment::commit("deletion", at, DETAIL.as_bytes()).expect("there is randomness");
    ledger.append(&[b"before".to_vec(), entry.to_bytes(), b"after".to_vec()]).expect("there is room");
    Receipt {
        key: verifier(),
        successions: Vec::new(),
        entry: String::from_utf8(entry.to_bytes()).expect("an entry is text"),
        salt,
        detail: DETAIL.to_owned(),
        proof: ledger.prove(1).expect("it is there"),
        outcome: Some(ledger.addendum(&entry.to_bytes(), OUTCOME).expect("it is one line")),
    }
}

const OUTCOME: &str = r#"{"v":1,"at":"2026-11-24T03:00:01Z","generation":3,"mirrors":[],"swept":true}"#;

fn receipts(bytes: &[u8]) {
    if let Ok(receipt) = Receipt::from_json(bytes) {
        assert_eq!(receipt.to_json().as_bytes(), bytes, "a receipt has one spelling");
        let _ = receipt.verify(None);
        if receipt.verify(Some(&verifier())).is_ok() {
            let genuine = genuine();
            // Without its outcome it is as true, and says less.
            let parts = (&receipt.entry, &receipt.detail, &receipt.proof.checkpoint);
            assert_eq!(
                parts,
                (&genuine.entry, &genuine.detail, &genuine.proof.checkpoint),
                "nobody signed this"
            );
            assert!(receipt.outcome.is_none() || receipt.outcome == genuine.outcome, "nobody signed this");
        }
    }
    if let Ok(read) = DeletionReceipt::read(bytes, None) {
        let _ = (read.deletion.count(), read.deletion.marks());
    }
}

fn receipt_seeds() -> Vec<Vec<u8>> {
    let genuine = genuine();
    let short = Receipt { outcome: None, ..genuine.clone() };
    let newer = SigningKey::from_bytes(&[43; 32]);
    let succession = Succession::sign(ORIGIN, &newer, &key()).expect("the name is plain");
    let later = Receipt { successions: vec![succession.note], ..genuine.clone() };
    [genuine, short, later].map(|receipt| receipt.to_json().into_bytes()).into()
}

fn log_proofs(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(proof) = text.parse::<LogProof>() {
        assert_eq!(proof.to_string(), text, "a proof has one spelling");
        assert!(proof.verify(b"not in the log", &verifier()).is_err());
    }
    let _ = addendum::verify(text, b"before", &verifier());
}

fn log_proof_seeds() -> Vec<Vec<u8>> {
    let genuine = genuine();
    vec![genuine.proof.to_string().into_bytes(), genuine.outcome.unwrap_or_default().into_bytes()]
}

fn successions(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(succession) = Succession::verify(text) {
        assert_eq!(succession.note, text);
        let known = [key(), SigningKey::from_bytes(&[43; 32])].map(|key| key.verifying_key());
        assert!(
            known.contains(succession.old.key()) && known.contains(succession.new.key()),
            "nobody signed this"
        );
        assert_eq!(follow(&succession.old, &[text.to_owned()]).expect("it verifies"), succession.new);
    }
    if let Ok(succession) = Succession::from_bytes(bytes) {
        assert_eq!(succession.to_bytes(), bytes, "an entry has one spelling");
    }
}

fn succession_seeds() -> Vec<Vec<u8>> {
    let note =
        Succession::sign(ORIGIN, &key(), &SigningKey::from_bytes(&[43; 32])).expect("the name is plain");
    vec![note.to_bytes(), note.note.into_bytes()]
}

fn ids(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(ids) = text.parse::<Ids>() {
        let written = ids.to_string();
        assert_eq!(written.parse::<Ids>().expect("what was written is read"), ids);
        assert_eq!(ids.iter().take(1000).count() as u64, ids.len().min(1000));
    }
}

fn id_seeds() -> Vec<Vec<u8>> {
    ["", "7", "4-7 9 12-40", "0-18446744073709551615"].map(|text| text.as_bytes().to_vec()).into()
}
