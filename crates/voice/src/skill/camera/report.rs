//! A camera as skills are told of it.

/// A camera and how it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Camera {
    /// What it is called (`porch`).
    pub name: String,
    /// The room or place it looks at.
    pub room: Option<String>,
    /// A whole sentence about it ("The porch camera has not answered since 5:40 PM."); may be empty.
    pub state: String,
    /// Its pictures are being kept.
    pub recording: bool,
}
