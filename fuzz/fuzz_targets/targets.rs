//! All targets in one binary, since each would link the whole of Porchlight: `PORCHLIGHT_FUZZ` names the one to run.
#![no_main]

use std::sync::LazyLock;

use porchlight_fuzz::Target;

static CHOSEN: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("PORCHLIGHT_FUZZ").unwrap_or_default();
    porchlight_fuzz::target(&name)
        .unwrap_or_else(|| panic!("PORCHLIGHT_FUZZ names no target; `porchlight-fuzz list` lists them"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (CHOSEN.run)(bytes));
