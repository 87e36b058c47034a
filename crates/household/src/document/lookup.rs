//! Finding people and devices in a document that has not been checked yet.

use super::{Device, Document, Person};
use crate::{DeviceId, PersonId};

/// The person of an id.
pub(super) fn find<'d>(document: &'d Document, id: &PersonId) -> Option<&'d Person> {
    document.people.iter().find(|p| p.id == *id)
}

/// The device of an id.
pub(super) fn find_device<'d>(document: &'d Document, id: &DeviceId) -> Option<&'d Device> {
    document.devices.iter().find(|d| d.id == *id)
}
