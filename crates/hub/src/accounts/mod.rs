//! Who somebody is: how they sign in and prove it again, and how often anybody may try.

pub mod account_changes;
pub mod attempts;
pub mod auth;
pub mod device_credentials;
pub mod failed_tries;
pub(crate) mod familiar;
pub mod invitations;
pub mod inviting;
pub mod new_account;
pub mod passkeys;
pub(crate) mod proofs;
pub mod proving;
pub mod rate_limits;
pub mod sign_in;
mod tally;
