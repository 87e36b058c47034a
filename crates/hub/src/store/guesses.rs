//! What is remembered against guessing: from where each member got in before, how often passphrase and second factor were tried, and what
//! they were told of tries that failed. Nothing here opens anything, and strangers cannot make it grow.

use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_protocol::FailedTries;
use porchlight_vault::OwedLine;
use sqlx::Row;

use super::sift::sensible;
use super::written::WriteTo;
use super::{HubStore, timestamp};
use crate::accounts::rate_limits::{AddressBlock, Counter, Standing};

/// Before what is hashed of an address.
const ADDRESS_CONTEXT: &[u8] = b"porchlight known address v1\0";
/// Bytes of that hash that are kept.
pub(crate) const ADDRESS: usize = 8;
/// An address is remembered for this long after somebody got in from there …
const REMEMBERED: SignedDuration = SignedDuration::from_hours(60 * 24);
/// … and of each member the newest so many.
const MOST_ADDRESSES: i64 = 16;
/// How long what somebody was told is shown to them.
const SHOWN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Tries at the second factor of one member, once the passphrase was right.
#[derive(Clone, Copy)]
struct CodeRule {
    word: &'static str,
    /// So many may be made at once …
    at_once: i64,
    /// … and one more after each of these.
    every: SignedDuration,
}

impl CodeRule {
    /// By where the member is known to come from. A code is one of a million and three are right at a time, so that whoever has the
    /// passphrase needs 230,000 tries for an even chance: fifty years from elsewhere, twenty-six from an address where the member got
    /// in before, and thirteen in one of their own browsers.
    fn of(standing: Standing) -> CodeRule {
        let (word, at_once, minutes) = match standing {
            Standing::Browser(_) => ("browser", 10, 30),
            Standing::Address => ("address", 10, 60),
            Standing::Strange => ("strange", 6, 120),
        };
        CodeRule { word, at_once, every: SignedDuration::from_mins(minutes) }
    }

    fn every_ms(self) -> i64 {
        i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Tries that failed of which their person is still to be told.
pub(crate) type Untold = (PersonId, FailedTries, Option<OwedLine>);

impl HubStore {
    /// A block of addresses as it is remembered for somebody: who has the folder alone cannot tell which it is.
    pub(crate) fn address_hash(&self, person: &PersonId, block: AddressBlock) -> [u8; ADDRESS] {
        let mac = self.mac(&[ADDRESS_CONTEXT, person.as_str().as_bytes(), &[0], &block.bytes()]);
        let mut hash = [0; ADDRESS];
        hash.copy_from_slice(&mac[..ADDRESS]);
        hash
    }

    /// Notes, to the day, that somebody got in from there.
    pub(crate) async fn add_address(
        &self,
        person: &PersonId,
        block: AddressBlock,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        let person_id = person.as_str();
        // Those that a clock noted that was ahead were seen before: they are to push out nobody's newer ones.
        sqlx::query("UPDATE known_address SET seen_day = $1 - 1 WHERE person = $2 AND seen_day > $1")
            .bind(day(now))
            .bind(person_id)
            .write_to(self)
            .await?;
        sqlx::query(
            "INSERT INTO known_address (person, address, seen_day) VALUES ($1, $2, $3)
             ON CONFLICT (person, address) DO UPDATE SET seen_day = excluded.seen_day",
        )
        .bind(person_id)
        .bind(self.address_hash(person, block).as_slice())
        .bind(day(now))
        .write_to(self)
        .await?;
        sqlx::query(
            "DELETE FROM known_address WHERE person = $1 AND address NOT IN
                (SELECT address FROM known_address WHERE person = $1 ORDER BY seen_day DESC, address LIMIT $2)",
        )
        .bind(person_id)
        .bind(MOST_ADDRESSES)
        .write_to(self)
        .await?;
        Ok(())
    }

    /// From where each member got in lately.
    pub async fn addresses(&self, now: Timestamp) -> Result<Vec<(PersonId, [u8; ADDRESS])>, sqlx::Error> {
        let rows = sqlx::query("SELECT person, address FROM known_address WHERE seen_day >= $1")
            .bind(day(now - REMEMBERED))
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let (person, address): (String, Vec<u8>) = (row.try_get("person")?, row.try_get("address")?);
            // Whatever somebody wrote here that is none of ours is nothing.
            Ok(person.parse().ok().zip(address.try_into().ok()))
        };
        Ok(sensible(&rows, read).into_iter().flatten().collect())
    }

    /// Takes one try at somebody's second factor, durable before the code is looked at; else how long to wait for the next.
    pub async fn take_code_try(
        &self,
        person: &PersonId,
        standing: Standing,
        now: Timestamp,
    ) -> Result<Result<(), SignedDuration>, sqlx::Error> {
        let (rule, now) = (CodeRule::of(standing), now.as_millisecond());
        let (every, full) = (rule.every_ms(), rule.at_once * rule.every_ms());
        let mut transaction = self.begin().await?;
        let kept: Option<(i64, i64)> =
            sqlx::query_as("SELECT empty_ms, tried_ms FROM code_try WHERE person = $1 AND standing = $2")
                .bind(person.as_str())
                .bind(rule.word)
                .fetch_optional(&mut *transaction)
                .await?;
        // What was left when a clock tried last that was ahead is left now, and leaks away by the clock as it is: written down also
        // where one has to wait, for else it would be as much for ever.
        let left = kept.map_or(0, |(empty, tried)| (empty - now.max(tried)).clamp(0, full));
        let taken = left + every <= full;
        sqlx::query(
            "INSERT INTO code_try (person, standing, empty_ms, tried_ms) VALUES ($1, $2, $3, $4)
             ON CONFLICT (person, standing) DO UPDATE SET empty_ms = excluded.empty_ms, tried_ms = excluded.tried_ms",
        )
        .bind(person.as_str())
        .bind(rule.word)
        .bind(now + left + if taken { every } else { 0 })
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        self.commit(transaction).await?;
        Ok(if taken { Ok(()) } else { Err(SignedDuration::from_millis(left + every - full)) })
    }

    /// Gives a try back: of somebody whose code was right. Those before it stay counted, for they may have been another's.
    pub(crate) async fn give_code_try_back(
        &self,
        person: &PersonId,
        standing: Standing,
    ) -> Result<(), sqlx::Error> {
        let rule = CodeRule::of(standing);
        sqlx::query("UPDATE code_try SET empty_ms = empty_ms - $1 WHERE person = $2 AND standing = $3")
            .bind(rule.every_ms())
            .bind(person.as_str())
            .bind(rule.word)
            .write_to(self)
            .await?;
        Ok(())
    }

    /// Notes how much strangers have tried somebody's passphrase.
    pub(crate) async fn note_passphrase_tries(
        &self,
        person: &PersonId,
        tries: Counter,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO passphrase_try (person, empty_ms, last_ms) VALUES ($1, $2, $3)
             ON CONFLICT (person) DO UPDATE SET empty_ms = excluded.empty_ms, last_ms = excluded.last_ms",
        )
        .bind(person.as_str())
        .bind(tries.empty_ms)
        .bind(tries.last_ms)
        .write_to(self)
        .await?;
        Ok(())
    }

    /// How much strangers had tried each member's passphrase when it was noted last.
    pub(crate) async fn passphrase_tries(&self) -> Result<Vec<(PersonId, Counter)>, sqlx::Error> {
        let rows =
            sqlx::query("SELECT person, empty_ms, last_ms FROM passphrase_try").fetch_all(&self.pool).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let person: String = row.try_get("person")?;
            let tries = Counter { empty_ms: row.try_get("empty_ms")?, last_ms: row.try_get("last_ms")? };
            Ok(person.parse().ok().map(|person| (person, tries)))
        };
        Ok(sensible(&rows, read).into_iter().flatten().collect())
    }

    /// Forgets the tries at somebody's second factor: whoever made them does not know the new passphrase, or the new secret.
    pub(crate) async fn forget_code_tries(&self, person: &PersonId) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM code_try WHERE person = $1").bind(person.as_str()).write_to(self).await?;
        Ok(())
    }

    /// Notes what somebody is to be told of tries that failed, with the line that is owed of it. It takes the place of what they were
    /// told of the same kind before.
    pub async fn put_failed_tries(
        &self,
        person: &PersonId,
        failed: &FailedTries,
        line: &OwedLine,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO failed_tries (person, at, home, elsewhere, from_ms, until_ms, told, line)
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
             ON CONFLICT (person, at) DO UPDATE SET home = excluded.home, elsewhere = excluded.elsewhere,
                from_ms = excluded.from_ms, until_ms = excluded.until_ms, told = 0, line = excluded.line",
        )
        .bind(person.as_str())
        .bind(failed.at.word())
        .bind(i64::from(failed.home))
        .bind(i64::from(failed.elsewhere))
        .bind(failed.from.as_millisecond())
        .bind(failed.until.as_millisecond())
        .bind(serde_json::to_string(line).unwrap_or_default())
        .write_to(self)
        .await?;
        Ok(())
    }

    /// Notes that it is in the ledger.
    pub async fn told_failed_tries(
        &self,
        person: &PersonId,
        failed: &FailedTries,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE failed_tries SET told = 1 WHERE person = $1 AND at = $2")
            .bind(person.as_str())
            .bind(failed.at.word())
            .write_to(self)
            .await?;
        Ok(())
    }

    /// What is still to be written into the ledger, with the line that is owed of it; none of an earlier release's.
    pub(crate) async fn untold_failed_tries(&self) -> Result<Vec<Untold>, sqlx::Error> {
        let rows = sqlx::query("SELECT * FROM failed_tries WHERE told = 0").fetch_all(&self.pool).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let (person, line): (String, String) = (row.try_get("person")?, row.try_get("line")?);
            let (person, failed) = (person.parse().ok(), read_failed(row)?);
            Ok(person.zip(failed).map(|(person, failed)| (person, failed, serde_json::from_str(&line).ok())))
        };
        Ok(sensible(&rows, read).into_iter().flatten().collect())
    }

    /// What somebody was told in the last thirty days.
    pub async fn failed_tries(
        &self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Vec<FailedTries>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT * FROM failed_tries WHERE person = $1 AND (told = 0 OR until_ms >= $2) ORDER BY until_ms DESC",
        )
        .bind(person.as_str())
        .bind((now - SHOWN).as_millisecond())
        .fetch_all(&self.pool)
        .await?;
        Ok(sensible(&rows, read_failed).into_iter().flatten().collect())
    }

    /// Forgets what was remembered for long enough, by a time that is certain. Of what a clock noted that was ahead the time begins now.
    pub(super) async fn forget_old_guesses(&self, certain: Timestamp) -> Result<(), sqlx::Error> {
        for (statement, at) in [
            ("DELETE FROM known_address WHERE seen_day < $1", day(certain - REMEMBERED)),
            ("UPDATE known_address SET seen_day = $1 - 1 WHERE seen_day > $1", day(certain)),
            ("DELETE FROM failed_tries WHERE told = 1 AND until_ms < $1", (certain - SHOWN).as_millisecond()),
        ] {
            sqlx::query(statement).bind(at).write_to(self).await?;
        }
        Ok(())
    }

    /// Forgets all of this about somebody who left.
    pub(crate) async fn forget_guesses(&self, person: &PersonId) -> Result<(), sqlx::Error> {
        for delete in [
            "DELETE FROM known_address WHERE person = $1",
            "DELETE FROM code_try WHERE person = $1",
            "DELETE FROM passphrase_try WHERE person = $1",
            "DELETE FROM failed_tries WHERE person = $1",
        ] {
            sqlx::query(delete).bind(person.as_str()).write_to(self).await?;
        }
        Ok(())
    }
}

fn read_failed(row: &sqlx::sqlite::SqliteRow) -> Result<Option<FailedTries>, sqlx::Error> {
    let count =
        |column| Ok::<_, sqlx::Error>(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX));
    let at: String = row.try_get("at")?;
    let Some(at) = porchlight_protocol::TriedAt::of(&at) else { return Ok(None) };
    Ok(Some(FailedTries {
        at,
        home: count("home")?,
        elsewhere: count("elsewhere")?,
        from: timestamp(row.try_get("from_ms")?)?,
        until: timestamp(row.try_get("until_ms")?)?,
    }))
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use porchlight_protocol::TriedAt;

    use super::super::tests::{at, make_and_open, store};
    use super::*;

    fn anna() -> PersonId {
        "anna".parse().unwrap()
    }

    fn block(n: u32) -> AddressBlock {
        AddressBlock::of(std::net::Ipv4Addr::from_bits(0x0a00_0000 + n).into())
    }

    #[tokio::test]
    async fn whoever_has_the_passphrase_tries_a_code_every_other_hour_and_its_owner_at_home_all_the_same() {
        let (folder, store) = store().await;
        let mut taken = 0;
        // A week of it, a try each ten minutes; each code is a wrong one.
        for tries in 0..7 * 24 * 6 {
            let tried = store.take_code_try(&anna(), Standing::Strange, at(tries * 600)).await.unwrap();
            taken += u32::from(tried.is_ok());
        }
        assert_eq!(taken, 6 + 7 * 24 / 2 - 1, "6 at once, then one each two hours");
        // A start forgets none of it.
        let reopened = make_and_open(&folder.path().join("hub.sqlite"), 7).await;
        let now = at(7 * 24 * 60 * 60);
        assert!(reopened.take_code_try(&anna(), Standing::Strange, now).await.unwrap().is_ok());
        let wait = reopened.take_code_try(&anna(), Standing::Strange, now).await.unwrap().unwrap_err();
        assert!(wait > SignedDuration::from_mins(100), "{wait}");
        for standing in [Standing::Address, Standing::Browser([7; 16])] {
            for _ in 0..10 {
                assert!(store.take_code_try(&anna(), standing, now).await.unwrap().is_ok());
            }
            assert!(store.take_code_try(&anna(), standing, now).await.unwrap().is_err());
            store.give_code_try_back(&anna(), standing).await.unwrap();
            assert!(store.take_code_try(&anna(), standing, now).await.unwrap().is_ok());
        }
        let tom = "tom".parse().unwrap();
        assert!(store.take_code_try(&tom, Standing::Strange, now).await.unwrap().is_ok());
        // A clock that was set back by a month, and a new passphrase.
        let before = at(-30 * 24 * 60 * 60);
        let wait = store.take_code_try(&anna(), Standing::Strange, before).await.unwrap().unwrap_err();
        assert!(wait <= SignedDuration::from_hours(2), "{wait}");
        store.forget_code_tries(&anna()).await.unwrap();
        assert!(store.take_code_try(&anna(), Standing::Strange, before).await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn what_strangers_tried_is_still_counted_after_a_start_and_somebody_who_left_is_forgotten() {
        let (folder, store) = store().await;
        let tom: PersonId = "tom".parse().unwrap();
        let counter = |seconds: i64| Counter {
            empty_ms: at(seconds + 60).as_millisecond(),
            last_ms: at(seconds).as_millisecond(),
        };
        for (person, seconds) in [(&anna(), 0), (&tom, 0), (&anna(), 5)] {
            store.note_passphrase_tries(person, counter(seconds)).await.unwrap();
        }
        store.forget_guesses(&tom).await.unwrap();
        let file = folder.path().join("hub.sqlite");
        let reopened = HubStore::open(&file, zeroize::Zeroizing::new(vec![7; 32])).await.unwrap();
        assert_eq!(reopened.passphrase_tries().await.unwrap(), [(anna(), counter(5))], "one row for each");
    }

    #[tokio::test]
    async fn the_newest_addresses_are_remembered_for_a_while_and_are_no_list_of_addresses() {
        let (folder, store) = store().await;
        for n in 0..40 {
            store.add_address(&anna(), block(n), at(i64::from(n) * 24 * 60 * 60)).await.unwrap();
        }
        let now = at(40 * 24 * 60 * 60);
        let known = store.addresses(now).await.unwrap();
        assert_eq!(known.len(), usize::try_from(MOST_ADDRESSES).unwrap());
        let has = |n| known.contains(&(anna(), store.address_hash(&anna(), block(n))));
        assert!(has(39) && has(24) && !has(23));
        assert_ne!(
            store.address_hash(&anna(), block(1)),
            store.address_hash(&"tom".parse().unwrap(), block(1))
        );
        let other = make_and_open(&folder.path().join("other.sqlite"), 8).await;
        assert_ne!(store.address_hash(&anna(), block(1)), other.address_hash(&anna(), block(1)));
        assert!(store.addresses(at((39 + 61) * 24 * 60 * 60)).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_failed_is_told_once_and_shown_for_a_month() {
        let (_folder, store) = store().await;
        let failed =
            FailedTries { at: TriedAt::Passphrase, home: 3, elsewhere: 9, from: at(0), until: at(60) };
        let line: OwedLine = serde_json::from_str(r#""a line""#).unwrap();
        store.put_failed_tries(&anna(), &failed, &line).await.unwrap();
        assert_eq!(store.untold_failed_tries().await.unwrap(), [(anna(), failed.clone(), Some(line))]);
        store.told_failed_tries(&anna(), &failed).await.unwrap();
        assert!(store.untold_failed_tries().await.unwrap().is_empty());
        assert_eq!(store.failed_tries(&anna(), at(100)).await.unwrap(), [failed]);
        let later = at(31 * 24 * 60 * 60);
        assert!(store.failed_tries(&anna(), later).await.unwrap().is_empty());
        assert!(!store.failed_tries(&anna(), at(100)).await.unwrap().is_empty(), "the clock was ahead");
        store.let_go_of_past(later).await.unwrap();
        assert!(store.failed_tries(&anna(), at(100)).await.unwrap().is_empty());
        store.add_address(&anna(), block(1), at(0)).await.unwrap();
        store.forget_guesses(&anna()).await.unwrap();
        assert!(store.addresses(at(0)).await.unwrap().is_empty());
    }
}
