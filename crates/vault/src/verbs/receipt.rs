//! What a receipt is made of: what is known before a deletion, what has become of it, and the line's proof.

use std::collections::BTreeMap;

use jiff::Timestamp;
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{LogProof, Receipt, commitment};

use super::prepared::SealedLine;
use super::tasks::{blocking, lock};
use super::{Core, Vault, Why};
use crate::catalog::{Doomed, Marked};
use crate::error::Error;
use crate::id::Id;
use crate::moment::Kind;
use crate::receipt::{Deletion, Destroyed, LookBefore, Outcome, SlotClaim, encode_marks};

/// What the hub can say of a line to whoever has its detail: together they are a [`Receipt`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProof {
    /// The name of the ledger and the key that signs it.
    pub key: Verifier,
    /// How older keys led to this one.
    pub successions: Vec<String>,
    /// The line, as it is in the ledger.
    pub entry: String,
    /// That it is there.
    pub proof: LogProof,
    /// For a deletion: what has become of it, signed.
    pub outcome: Option<String>,
}

impl LineProof {
    /// The receipt, with the line's detail as [`Vault::details`] releases it, opened.
    ///
    /// # Errors
    /// [`Error::BadReceipt`] when the bytes are not the detail of a line.
    pub fn receipt(self, detail: &[u8]) -> Result<Receipt, Error> {
        let (salt, detail) = super::audit::read_detail(detail)?;
        Ok(self.with(salt, detail))
    }

    fn with(self, salt: commitment::Salt, detail: &str) -> Receipt {
        let LineProof { key, successions, entry, proof, outcome } = self;
        Receipt { key, successions, entry, salt, detail: detail.to_owned(), proof, outcome }
    }
}

impl Vault {
    /// Proves that a line is in the ledger, and says what has become of a deletion. It says nothing of what the line's detail
    /// says.
    ///
    /// # Errors
    /// [`Error::Ledger`] when there is no such line; [`Error::Catalog`].
    pub async fn prove_line(&self, line: u64) -> Result<LineProof, Error> {
        self.core.prove_line(line).await
    }
}

impl Vault {
    /// Where the root key lies, and what its destruction there cannot claim.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the strongbox is in an unknown state.
    pub async fn slot_claim(&self) -> Result<SlotClaim, Error> {
        self.core.slot_claim().await
    }
}

impl Core {
    /// What is known of a deletion before it begins. No rows are written meanwhile.
    pub(super) async fn describe(
        &self,
        doomed: &Doomed,
        why: &Why,
        at: Timestamp,
    ) -> Result<Deletion, Error> {
        let mut by_kind: BTreeMap<Kind, (Vec<Id>, Vec<_>, f64)> = BTreeMap::new();
        for Marked { id, kind, mark, seconds } in self.catalog.marks(&doomed.recordings).await? {
            let (ids, marks, length) = by_kind.entry(kind).or_default();
            ids.push(id);
            marks.extend(mark);
            *length += seconds;
        }
        let destroyed = by_kind.into_iter().map(|(kind, (ids, marks, seconds))| Destroyed {
            kind,
            count: ids.len() as u64,
            seconds: (kind == Kind::Video).then_some(seconds.round() as u64),
            ids: ids.into_iter().collect(),
            marks: encode_marks(&marks),
        });
        let looks = self.catalog.looks_at(&doomed.recordings).await?;
        let mirrors = self.mirrors(0).await?.into_iter().map(|state| state.path).collect();
        Ok(Deletion {
            moments: doomed.moments.iter().copied().collect(),
            recordings: destroyed.collect(),
            stays: why.stays.clone(),
            looks: looks
                .into_iter()
                .map(|(look, at, how, recordings)| LookBefore { look, at, how, recordings })
                .collect(),
            mirrors,
            slot: self.slot_claim().await?,
            ..Deletion::new(at, why.reason, &why.by)
        })
    }

    /// The receipt of a deletion that was carried out just now.
    pub(super) async fn receipt(&self, line: u64, sealed: &SealedLine) -> Result<Receipt, Error> {
        Ok(self.prove_line(line).await?.with(sealed.salt.clone(), &sealed.said))
    }

    async fn slot_claim(&self) -> Result<SlotClaim, Error> {
        self.on_strongbox(|strongbox| Ok(SlotClaim::of(strongbox.slot(), strongbox.has_mirrors()))).await
    }

    async fn prove_line(&self, line: u64) -> Result<LineProof, Error> {
        let ledger = self.ledger.clone();
        let (key, successions, entry, proof) = blocking(move || {
            let ledger = lock(&ledger)?;
            let proof = ledger.prove(line)?;
            let entry = ledger.entry(line)?.unwrap_or_default();
            Ok((ledger.key()?, ledger.successions().to_vec(), entry, proof))
        })
        .await?;
        let outcome = match commitment::Entry::from_bytes(&entry) {
            Ok(event) => self.outcome(*event.commitment().as_bytes()).await?,
            Err(_) => None,
        };
        let outcome = match outcome {
            None => None,
            Some(outcome) => {
                let text = serde_json::to_string(&outcome)
                    .map_err(|why| Error::Stopped(format!("an outcome could not be written: {why}")))?;
                let (ledger, entry) = (self.ledger.clone(), entry.clone());
                Some(blocking(move || Ok(lock(&ledger)?.addendum(&entry, &text)?)).await?)
            }
        };
        let entry = String::from_utf8(entry)
            .map_err(|_| Error::BadReceipt("the line is not text; there is no receipt for it".into()))?;
        Ok(LineProof { key, successions, entry, proof, outcome })
    }

    /// What has become of the deletion whose line has this commitment; `None` where there is none.
    async fn outcome(&self, commitment: [u8; 32]) -> Result<Option<Outcome>, Error> {
        let Some((generation, finished)) = self.catalog.erasure_of(&commitment).await? else {
            return Ok(None);
        };
        // Where only the sweep is left, the keys went with an earlier generation than the present one.
        let generation = match generation {
            Some(generation) => generation,
            None => self.generation().await?,
        };
        let mirrors = self.mirrors(generation).await?;
        Ok(Some(Outcome {
            v: 1,
            at: self.clock.now(),
            generation: Some(generation),
            mirrors,
            swept: finished,
        }))
    }
}
