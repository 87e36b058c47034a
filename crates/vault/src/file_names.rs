//! What files and secrets are called by which several parts of the vault know each other.

/// What a data folder is known by.
pub(crate) const DATA_MARK: &str = "porchlight.json";

/// What a strongbox is known by.
pub(crate) const STRONGBOX_MARK: &str = "porchlight-strongbox.json";

/// The files in which a strongbox keeps its root key.
pub(crate) const SLOTS: [&str; 2] = ["slot-1", "slot-2"];

/// The file by which a strongbox finds its root key in a TPM.
pub(crate) const SLOT_IN_TPM: &str = "slot-tpm";

/// The secret that holds the hub's age identity, as `AGE-SECRET-KEY-1…`.
pub(crate) const IDENTITY: &str = "vault/identity";

/// In the data folder.
pub(crate) const CATALOG: &str = "catalog.sqlite";
pub(crate) const BLOBS: &str = "blobs";
pub(crate) const LEDGER: &str = "ledger";

/// How the name begins under which each household's ledger signs.
pub(crate) const ORIGIN: &str = "porchlight.local/";
