//! An item of a list as skills are told of it.

use std::fmt;

/// An item on a list.
#[derive(Clone, PartialEq, Eq)]
pub struct ListItem {
    /// Its moment.
    pub id: u64,
    /// The list, in lower case (`shopping`).
    pub list: String,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for ListItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListItem")
            .field("id", &self.id)
            .field("text", &self.text.len())
            .finish_non_exhaustive()
    }
}
