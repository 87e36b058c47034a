//! The targets, by the room whose parsers they feed.

mod camera;
mod household;
mod hub;
mod keyring;
mod ledger;
mod receipts;
mod sign_in;
mod vault;
mod voice;

use crate::Target;

/// Every target.
pub(crate) const ALL: &[&[Target]] = &[
    ledger::TARGETS,
    receipts::TARGETS,
    keyring::TARGETS,
    vault::TARGETS,
    household::TARGETS,
    sign_in::TARGETS,
    voice::TARGETS,
    camera::TARGETS,
    hub::TARGETS,
];

/// Text, or nothing for bytes that are none.
fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// Seeds out of texts.
fn texts<const N: usize>(texts: [&str; N]) -> Vec<Vec<u8>> {
    texts.map(|text| text.as_bytes().to_vec()).into()
}
