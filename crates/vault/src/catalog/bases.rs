//! On what recordings rest: whose they are, what for, by which device.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Catalog;
use crate::error::Error;
use crate::id::Id;
use crate::terms::{Basis, Owner, Purpose};

/// Details of ledger lines end by their own date alone; what waits for the end of a hold has been judged already.
macro_rules! judged {
    () => {
        " FROM moments m CROSS JOIN recordings r WHERE r.moment = m.id AND m.erasure IS NULL AND r.erasure IS NULL \
         AND r.kind NOT IN ('look', 'line') AND NOT EXISTS (SELECT 1 FROM waiting w WHERE w.moment = m.id)"
    };
}

impl Catalog {
    /// Everything that recordings of moments since an instant rest on, each once.
    pub(crate) async fn bases(&self, since: Timestamp) -> Result<Vec<Basis>, Error> {
        let found: Vec<(Option<String>, String, Option<String>, String)> = sqlx::query_as(concat!(
            "SELECT DISTINCT r.owner, r.purpose, m.device, r.media_type",
            judged!(),
            " AND m.started >= $1"
        ))
        .bind(since.as_microsecond())
        .fetch_all(&self.readers)
        .await?;
        let basis = |(owner, purpose, device, media_type): (Option<String>, String, _, _)| {
            let owner = owner.map_or(Owner::Household, Owner::Person);
            // What names no purpose is damaged, and named by `Vault::check`.
            Some(Basis { owner, purpose: Purpose::new(&purpose).ok()?, device, media_type })
        };
        Ok(found.into_iter().filter_map(basis).collect())
    }

    /// The moments of which a recording rests on exactly this.
    pub(crate) async fn moments_on(&self, basis: &Basis) -> Result<BTreeSet<Id>, Error> {
        let owner = match &basis.owner {
            Owner::Person(person) => Some(person.as_str()),
            Owner::Household => None,
        };
        let moments: Vec<i64> = sqlx::query_scalar(concat!(
            "SELECT DISTINCT m.id",
            judged!(),
            " AND r.owner IS NOT DISTINCT FROM $1 AND r.purpose = $2 AND m.device IS NOT DISTINCT FROM $3 AND r.media_type = $4"
        ))
        .bind(owner)
        .bind(basis.purpose.as_str())
        .bind(&basis.device)
        .bind(&basis.media_type)
        .fetch_all(&self.readers)
        .await?;
        Ok(moments.into_iter().map(Id::from_db).collect())
    }
}
