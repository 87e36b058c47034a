//! Credentials of microphones: by what one proves which one it is.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::Row;
use subtle::ConstantTimeEq;

use super::sift::sensible;
use super::written::WriteTo;
use super::{HubStore, timestamp};

/// What stands before what is authenticated, so that no MAC means two things.
const CONTEXT: &[u8] = b"porchlight device credential v1\0";

impl HubStore {
    /// Makes this the [MAC](HubStore::device_mac) of a device's credential, in the place of the one it had.
    pub(crate) async fn put_device_credential(
        &self,
        device: &str,
        mac: &[u8],
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO device_credential (device, hash, issued_ms) VALUES ($1, $2, $3)
             ON CONFLICT (device) DO UPDATE SET hash = excluded.hash, issued_ms = excluded.issued_ms",
        )
        .bind(device)
        .bind(mac)
        .bind(now.as_millisecond())
        .write_to(self)
        .await?;
        self.tell_ended();
        Ok(())
    }

    /// Ends the credentials of these devices; those of them that have none are left as they are.
    pub(crate) async fn end_device_credentials(
        &self,
        devices: impl IntoIterator<Item = &str>,
    ) -> Result<(), sqlx::Error> {
        for device in devices {
            sqlx::query("DELETE FROM device_credential WHERE device = $1")
                .bind(device)
                .write_to(self)
                .await?;
        }
        self.tell_ended();
        Ok(())
    }

    /// Which of these devices, each with the person it is personal to, this is the credential of.
    pub(crate) async fn device_of<'d>(
        &self,
        credential: &[u8],
        devices: impl IntoIterator<Item = (&'d str, Option<&'d str>)>,
    ) -> Result<Option<&'d str>, sqlx::Error> {
        let rows = sqlx::query("SELECT device, hash FROM device_credential").fetch_all(&self.pool).await?;
        let hashes = sensible(&rows, |row| {
            Ok((row.try_get::<String, _>("device")?, row.try_get::<Vec<u8>, _>("hash")?))
        });
        let mut found = None;
        for (device, person) in devices {
            let mac = self.device_mac(credential, device, person);
            let is = |(of, hash): &(String, Vec<u8>)| of == device && bool::from(hash.ct_eq(&mac));
            if hashes.iter().any(is) {
                found = Some(device);
            }
        }
        Ok(found)
    }

    /// Since when each device that has a credential has it.
    pub async fn device_credentials(&self) -> Result<Vec<(String, Timestamp)>, sqlx::Error> {
        let rows =
            sqlx::query("SELECT device, issued_ms FROM device_credential").fetch_all(&self.pool).await?;
        Ok(sensible(&rows, |row| Ok((row.try_get("device")?, timestamp(row.try_get("issued_ms")?)?))))
    }

    /// What is stored of a credential. `person` is the adult whom the device is personal to: made for one of them, it proves nothing once
    /// the device is another's, or shared.
    pub fn device_mac(&self, credential: &[u8], device: &str, person: Option<&str>) -> Vec<u8> {
        let person = person.unwrap_or_default();
        self.mac(&[CONTEXT, &Sha256::digest(credential), device.as_bytes(), b"\0", person.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, store};

    #[tokio::test]
    async fn a_credential_is_one_devices_until_it_is_replaced_ended_or_another_persons() {
        let (_folder, store) = store().await;
        let study = ("study", Some("anna"));
        let all = [study, ("kitchen", None)];
        let put = async |credential: &[u8], seconds: i64| {
            let mac = store.device_mac(credential, "study", Some("anna"));
            store.put_device_credential("study", &mac, at(seconds)).await.unwrap();
        };
        put(b"first", 0).await;
        assert_eq!(store.device_of(b"first", all).await.unwrap(), Some("study"));
        assert_eq!(store.device_of(b"other", all).await.unwrap(), None);
        for another in [("study", Some("tom")), ("study", None)] {
            assert_eq!(store.device_of(b"first", [another]).await.unwrap(), None, "{another:?}");
        }
        assert_eq!(store.device_credentials().await.unwrap(), [("study".to_owned(), at(0))]);

        put(b"second", 1).await;
        assert_eq!(store.device_of(b"first", all).await.unwrap(), None, "it was replaced");
        // Whoever can only write to the database makes no device of another one.
        sqlx::query("UPDATE device_credential SET device = 'kitchen'").execute(&store.pool).await.unwrap();
        assert_eq!(store.device_of(b"second", all).await.unwrap(), None);
        sqlx::query("UPDATE device_credential SET device = 'study'").execute(&store.pool).await.unwrap();
        assert_eq!(store.device_of(b"second", all).await.unwrap(), Some("study"));
        store.keep_only(&[], &["kitchen"]).await.unwrap();
        assert_eq!(store.device_of(b"second", all).await.unwrap(), None, "the device is gone");
        put(b"third", 2).await;
        store.end_device_credentials(["kitchen"]).await.unwrap();
        assert_eq!(store.device_of(b"third", all).await.unwrap(), Some("study"), "another's ended");
        store.end_device_credentials(["study", "kitchen"]).await.unwrap();
        assert_eq!(store.device_of(b"third", all).await.unwrap(), None, "it was ended");
        put(b"third", 2).await;
        store.start_session(b"toms", "tom", "a test", at(2)).await.unwrap();
        assert_eq!(store.end_all_of_before(1, 1, false).await.unwrap(), 0, "this is where it begins");
        assert_eq!(store.end_all_of_before(1, 1, false).await.unwrap(), 0);
        assert_eq!(store.device_of(b"third", all).await.unwrap(), Some("study"));
        assert_eq!(store.end_all_of_before(2, 1, false).await.unwrap(), 0, "a damaged ledger ends nothing");
        assert_eq!(store.end_all_of_before(4, 3, false).await.unwrap(), 1, "an older copy came back");
        assert_eq!(store.device_of(b"third", all).await.unwrap(), None);
    }
}
