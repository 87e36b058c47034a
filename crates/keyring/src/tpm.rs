//! A slot in the non-volatile memory of a TPM 2.0.
//!
//! Two NV indices hold a [record](crate::record) of the root each, at rest the same. Replacing it takes two writes, each of which the TPM has
//! made durable before it answers: the new root over what is worth least, and then over the other. Between them, and if
//! either is torn, one index holds a whole root; nothing is destroyed before the new one is there.
//!
//! The indices are read and written with an authorisation value, 32 random bytes that lie beside the packs in `slot-tpm`:
//!
//! ```text
//! magic "PKEYTPM\0" ‖ version u32 ‖ index u32 ‖ index u32 ‖ authorisation 32 ‖ SHA-256 of all before it, 32
//! ```
//!
//! It keeps other programs of the machine out, and is no secret from who has the disk. It is used in an HMAC session: it does
//! not travel, and what does is encrypted under it, so that listening in on the bus to the TPM gives nothing. (Listening
//! in while the indices are made gives the authorisation.) The owner of the TPM can destroy the indices, and cannot read
//! them.

use std::io;
use std::path::Path;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use tss_esapi::attributes::NvIndexAttributesBuilder;
use tss_esapi::constants::CapabilityType;
use tss_esapi::handles::{NvIndexHandle, NvIndexTpmHandle, TpmHandle};
use tss_esapi::interface_types::algorithm::HashingAlgorithm;
use tss_esapi::interface_types::resource_handles::{NvAuth, Provision};
use tss_esapi::structures::{Auth, CapabilityData, MaxNvBuffer, NvPublicBuilder};
use tss_esapi::{Context, TctiNameConf};
use zeroize::Zeroizing;

use crate::codec::Reader;
use crate::folder::{Files, Folder};
use crate::key::{Key, leaving_no_key};
use crate::record::{self, RECORD_BYTES, Record};
use crate::{Root, Slot};

const NAME: &str = "slot-tpm";
const MAGIC: &[u8; 8] = b"PKEYTPM\0";
const VERSION: u32 = 1;
const FILE_BYTES: usize = 8 + 4 + 4 + 4 + 32 + 32;

/// The NV indices that are the owner's to give away (TCG Registry of Reserved TPM 2.0 Handles and Localities).
const FIRST_INDEX: u32 = 0x0180_0000;
const INDICES: u32 = 0x0040_0000;

/// A slot in the non-volatile memory of a TPM 2.0, which no copy of any disk holds.
///
/// Copies of the folder, of any age, together with the TPM as it is now open nothing that was forgotten. Who holds the TPM, the
/// folder and its packs opens what is kept, as with a file. Clearing the TPM destroys the root, and with it everything, unless
/// there is a mirror; a [`FileSlot`](crate::FileSlot) as mirror can claim no more than a file can.
///
/// A replacement writes each of the two indices once. Such memory wears: TPMs promise some 100,000 writes of an index, so
/// commits should be few (one for everything that is forgotten together) rather than one a minute.
pub struct TpmSlot {
    tpm: TctiNameConf,
    /// The TPM as it was named.
    tpm_name: String,
    indices: [NvIndexTpmHandle; 2],
    auth: Key,
}

impl TpmSlot {
    /// Reserves a slot in a TPM, and notes in the folder at `path`, which must exist, where it is. If it is noted there already
    /// (by a call that was interrupted), that slot is completed and used.
    ///
    /// `tpm` names the TPM as the TPM2 tools do: `device:/dev/tpmrm0`, or `swtpm:host=127.0.0.1,port=2321`.
    ///
    /// # Errors
    /// If the TPM cannot be reached or has no room, or the folder cannot be written to.
    pub fn create(path: impl AsRef<Path>, tpm: &str) -> io::Result<TpmSlot> {
        let folder = Folder::open(path.as_ref())?;
        let slot = match read_file(&folder, tpm)? {
            Some(slot) => slot,
            None => TpmSlot::noted(&folder, tpm)?,
        };
        slot.define()?;
        Ok(slot)
    }

    /// The slot that the folder at `path` points to.
    ///
    /// # Errors
    /// [`NotFound`](io::ErrorKind::NotFound) if it points to none; others if what is noted is damaged. The TPM is not
    /// asked before the slot is used.
    pub fn open(path: impl AsRef<Path>, tpm: &str) -> io::Result<TpmSlot> {
        let folder = Folder::open(path.as_ref())?;
        read_file(&folder, tpm)?.ok_or_else(|| {
            let what = format!(
                "{}: {NAME} is missing; without it the TPM does not give the root key",
                path.as_ref().display()
            );
            io::Error::new(io::ErrorKind::NotFound, what)
        })
    }

    /// Gives the TPM's memory back, and with it destroys the root.
    ///
    /// # Errors
    /// If the TPM cannot be reached or wants the owner's authorisation.
    pub fn destroy(self) -> io::Result<()> {
        self.in_session(|tpm, indices| {
            for index in indices.into_iter().flatten() {
                tpm.nv_undefine_space(Provision::Owner, index.handle)?;
            }
            Ok(())
        })
    }

    /// Puts bytes into an index as they are, to see what comes of them.
    #[cfg(test)]
    pub(crate) fn damage(&self, at: usize, bytes: &[u8]) {
        let write = |tpm: &mut Context, indices: [Option<Index>; 2]| {
            let index = indices[at].ok_or(Failure::NoIndex)?;
            Ok(tpm.nv_write(NvAuth::NvIndex(index.handle), index.handle, MaxNvBuffer::try_from(bytes)?, 0)?)
        };
        self.in_session(write).map_err(|error| error.to_string()).unwrap_or_default();
    }

    /// Draws indices and an authorisation and notes them, durably: after a crash it is known what to look for in the TPM.
    fn noted(folder: &Folder, tpm: &str) -> io::Result<TpmSlot> {
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        // Two that follow each other, with room for the second.
        let first = FIRST_INDEX + u32::from_le_bytes(random) % (INDICES / 2) * 2;
        let auth = Key::random().map_err(io::Error::other)?;

        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&first.to_le_bytes());
        bytes.extend_from_slice(&(first + 1).to_le_bytes());
        bytes.extend_from_slice(auth.bytes());
        let checksum = Sha256::digest(&*bytes);
        bytes.extend_from_slice(&checksum);
        folder.create(NAME, &bytes)?;
        folder.sync()?;
        TpmSlot::new(tpm, [first, first + 1], auth)
    }

    fn new(tpm: &str, indices: [u32; 2], auth: Key) -> io::Result<TpmSlot> {
        let named = TctiNameConf::from_str(tpm).map_err(|_| {
            let what = format!("'{tpm}' names no TPM; name it like device:/dev/tpmrm0");
            io::Error::new(io::ErrorKind::InvalidInput, what)
        })?;
        let index = |index| NvIndexTpmHandle::new(index).map_err(|_| damaged());
        Ok(TpmSlot {
            tpm: named,
            tpm_name: tpm.to_owned(),
            indices: [index(indices[0])?, index(indices[1])?],
            auth,
        })
    }

    /// Makes the indices that are not there yet.
    fn define(&self) -> io::Result<()> {
        self.in_session(|tpm, present| {
            for (index, present) in self.indices.iter().zip(present) {
                if present.is_some() {
                    continue;
                }
                // Without dictionary-attack protection: 32 random bytes are not guessed, and another program's wrong guesses
                // must not lock its owner out.
                let attributes = NvIndexAttributesBuilder::new()
                    .with_auth_read(true)
                    .with_auth_write(true)
                    .with_no_da(true);
                let public = NvPublicBuilder::new()
                    .with_nv_index(*index)
                    .with_index_name_algorithm(HashingAlgorithm::Sha256)
                    .with_index_attributes(attributes.build()?)
                    .with_data_area_size(RECORD_BYTES);
                tpm.nv_define_space(Provision::Owner, Some(self.auth()?), public.build()?)?;
            }
            Ok(())
        })
    }

    /// What lies in the two indices.
    fn records(&self, tpm: &mut Context, indices: [Option<Index>; 2]) -> Result<[Record; 2], Failure> {
        let mut read = |at: usize| -> Result<Record, Failure> {
            let index = indices[at].ok_or(Failure::NoIndex)?;
            if !index.is_written {
                return Ok(Record::Empty);
            }
            let bytes = tpm.nv_read(NvAuth::NvIndex(index.handle), index.handle, RECORD_BYTES as u16, 0)?;
            Ok(leaving_no_key(|| Record::decode(bytes.value(), &self.name(at)))?)
        };
        Ok([read(0)?, read(1)?])
    }

    /// Connects to the TPM for one use, so that other programs can use it in between.
    fn in_session<T>(
        &self,
        work: impl FnOnce(&mut Context, [Option<Index>; 2]) -> Result<T, Failure>,
    ) -> io::Result<T> {
        let run = || {
            let mut tpm = Context::new(self.tpm.clone()).map_err(|_| Failure::Unreachable)?;
            let indices = [self.find(&mut tpm, 0)?, self.find(&mut tpm, 1)?];
            tpm.execute_with_nullauth_session(|tpm| work(tpm, indices))
        };
        run().map_err(|why: Failure| why.explain(&self.tpm_name))
    }

    /// An index, with its authorisation set; `None` if the TPM has no such index. It is asked for its list first, for
    /// the library complains on standard error of what a TPM refuses.
    fn find(&self, tpm: &mut Context, at: usize) -> Result<Option<Index>, Failure> {
        let wanted = TpmHandle::NvIndex(self.indices[at]);
        let (next, _) = tpm.get_capability(CapabilityType::Handles, self.indices[at].into(), 1)?;
        if !matches!(next, CapabilityData::Handles(handles) if handles.first() == Some(&wanted)) {
            return Ok(None);
        }
        let object = tpm.tr_from_tpm_public(wanted)?;
        tpm.tr_set_auth(object, self.auth()?)?;
        let (public, _) = tpm.nv_read_public(object.into())?;
        Ok(Some(Index { handle: object.into(), is_written: public.attributes().written() }))
    }

    fn auth(&self) -> Result<Auth, tss_esapi::Error> {
        Auth::try_from(self.auth.bytes().as_slice())
    }

    fn name(&self, at: usize) -> String {
        format!("NV index {:#x}", u32::from(self.indices[at]))
    }
}

impl Slot for TpmSlot {
    fn load(&self) -> io::Result<Vec<Root>> {
        let [first, second] = self.in_session(|tpm, indices| self.records(tpm, indices))?;
        record::whole(vec![(self.name(0), first), (self.name(1), second)])
    }

    fn replace(&self, root: &Root) -> io::Result<()> {
        self.in_session(|tpm, indices| {
            let records = self.records(tpm, indices)?;
            let first = if records[0].rank(root) <= records[1].rank(root) { 0 } else { 1 };
            for at in [first, 1 - first] {
                // Such memory wears: what is there already is not written again.
                if matches!(&records[at], Record::Whole(there) if there == root) {
                    continue;
                }
                let index = indices[at].ok_or(Failure::NoIndex)?;
                let record = leaving_no_key(|| record::encode(root, RECORD_BYTES));
                let data = MaxNvBuffer::try_from(record.as_slice())?;
                tpm.nv_write(NvAuth::NvIndex(index.handle), index.handle, data, 0)?;
            }
            // What could not be seen to be destroyed was not.
            let written = indices.map(|index| index.map(|index| Index { is_written: true, ..index }));
            let now = self.records(tpm, written)?;
            let is_root = |record: &Record| matches!(record, Record::Whole(there) if there == root);
            if now.iter().all(is_root) { Ok(()) } else { Err(Failure::NotWritten) }
        })
    }
}

/// Reads what is noted in a folder; `None` if nothing is.
fn read_file(folder: &Folder, tpm: &str) -> io::Result<Option<TpmSlot>> {
    let Some(bytes) = folder.read(NAME, 0..FILE_BYTES as u64 + 1)? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let parse = || {
        let (content, checksum) = bytes.split_last_chunk::<32>()?;
        let mut reader = Reader::new(content);
        let begins_well = reader.array() == Some(MAGIC) && Sha256::digest(content).as_slice() == checksum;
        begins_well.then(|| (reader.u32(), reader.u32(), reader.u32(), reader.key(), reader.is_done()))
    };
    match parse() {
        Some((Some(VERSION), Some(first), Some(second), Some(auth), true)) => {
            TpmSlot::new(tpm, [first, second], auth).map(Some)
        }
        Some((Some(version), ..)) if version != VERSION => {
            let what = format!(
                "{NAME} has format version {version}, this program reads up to {VERSION}; use a newer program"
            );
            Err(io::Error::new(io::ErrorKind::Unsupported, what))
        }
        _ => Err(damaged()),
    }
}

fn damaged() -> io::Error {
    let what = format!("{NAME} is damaged; use a mirror of this keyring");
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// An index that the TPM has.
#[derive(Clone, Copy)]
struct Index {
    handle: NvIndexHandle,
    /// Whether anything was ever written to it.
    is_written: bool,
}

enum Failure {
    Tpm(tss_esapi::Error),
    Io(io::Error),
    Unreachable,
    NoIndex,
    NotWritten,
}

impl Failure {
    fn explain(self, tpm: &str) -> io::Error {
        match self {
            Failure::Io(error) => error,
            Failure::Unreachable => io::Error::other(format!(
                "the TPM {tpm} cannot be reached; check that it is on, and that this user may use it"
            )),
            Failure::NoIndex => io::Error::new(
                io::ErrorKind::NotFound,
                "this TPM does not have the root key: it was cleared, or it is another TPM; use a mirror of this keyring",
            ),
            Failure::NotWritten => io::Error::other("the TPM did not keep what was written to it"),
            Failure::Tpm(error) => io::Error::other(format!(
                "the TPM {tpm} refused: {error}; see to it with the TPM2 tools, or use a mirror of this keyring"
            )),
        }
    }
}

impl From<tss_esapi::Error> for Failure {
    fn from(error: tss_esapi::Error) -> Failure {
        Failure::Tpm(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Io(error)
    }
}
