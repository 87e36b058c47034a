//! Opening and sealing many files for one member, whose keys are fetched once.

use std::io::{Read, Write};

use porchlight_household::MemberKeys;
use porchlight_protocol::LookPass;
use zeroize::Zeroizing;

use crate::open::open_recording;
use crate::{ClientError, Member};

/// A file that is being sealed. What is written to it is in it only once it was finished.
pub struct Sealing<W: Write>(age::stream::StreamWriter<W>);

impl<W: Write> Sealing<W> {
    /// Writes the last of it, and gives back what it was written to.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(self) -> std::io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Opens and seals for one member whose keys were fetched once.
pub struct Opener<'m> {
    member: &'m Member,
    keys: MemberKeys,
}

impl<'m> Opener<'m> {
    /// Fetches the keys of this member.
    ///
    /// # Errors
    /// When the hub does not release them: its owner has to prove again who they are.
    pub fn of(member: &'m Member) -> Result<Opener<'m>, ClientError> {
        Ok(Opener { member, keys: member.keys()? })
    }

    /// One file of a look, opened.
    ///
    /// # Errors
    /// As [`Member::open`].
    pub fn open(&self, look: &LookPass, id: u64) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let mut sealed = Vec::new();
        self.member.file(look, id)?.read_to_end(&mut sealed)?;
        open_recording(id, &sealed, &self.keys)
    }

    /// An age file that this member alone can open, to be written.
    ///
    /// # Errors
    /// [`ClientError::CannotOpen`] when it cannot be begun.
    pub fn seal<W: Write>(&self, to: W) -> Result<Sealing<W>, ClientError> {
        let cannot = |error: &dyn std::fmt::Display| ClientError::CannotOpen(error.to_string());
        let reader = self.keys.identity().to_public();
        let sealing = age::Encryptor::with_recipients(std::iter::once(&reader as &dyn age::Recipient))
            .map_err(|error| cannot(&error))?;
        Ok(Sealing(sealing.wrap_output(to).map_err(|error| cannot(&error))?))
    }
}
