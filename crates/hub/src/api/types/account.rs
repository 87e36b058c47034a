//! What goes over the wire about a member's own account and sessions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who asks, and of which household they are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The person's id in the household document.
    pub person: String,
    /// Their name.
    pub name: String,
    /// `adult`, `teen` or `child`, today.
    pub age: String,
    /// Whether they can change the household.
    pub owner: bool,
    /// The household.
    pub household: MyHousehold,
    /// The session that asks.
    pub session: SessionView,
}

/// The household in short.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MyHousehold {
    /// Its id; never changes.
    pub id: String,
    /// What it calls itself.
    pub name: Option<String>,
    /// Its IANA time zone. Its days begin and end by it.
    pub time_zone: String,
    /// Its language, a BCP 47 tag.
    pub language: String,
    /// `metric` or `imperial`.
    pub units: String,
    /// The version of its document.
    pub version: u64,
}

/// One session in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    /// Its id, for naming and ending it.
    pub id: String,
    /// What it was signed in with.
    pub client: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was signed in.
    #[schema(value_type = String)]
    pub started: Timestamp,
    /// When it was last used.
    #[schema(value_type = String)]
    pub seen: Timestamp,
    /// Until when the last proof of who it is counts for what asks for a step-up; absent when that is over.
    #[schema(value_type = Option<String>)]
    pub fresh_until: Option<Timestamp>,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// What a session is to be called.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionName {
    /// The name; none, or an empty one, takes it away.
    #[serde(default)]
    pub name: Option<String>,
}
