//! Debian's software TPM, for the tests of this crate and of those above it.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A software TPM on the loopback interface, until it is dropped.
pub(crate) struct Swtpm {
    state: TempDir,
    port: u16,
}

impl Swtpm {
    /// `None` where it is not installed, unless `PORCHLIGHT_REQUIRE_TPM` says that it has to be.
    pub(crate) fn start() -> Option<Swtpm> {
        if Command::new("swtpm")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_err()
        {
            assert!(std::env::var_os("PORCHLIGHT_REQUIRE_TPM").is_none(), "swtpm is not installed");
            eprintln!("skipped: swtpm is not installed (scripts/install tpm)");
            return None;
        }
        let mut tpm = Swtpm { state: tempfile::tempdir().unwrap(), port: 0 };
        tpm.power_on();
        Some(tpm)
    }

    /// The first time at ports that are free, and from then on at the same.
    pub(crate) fn power_on(&mut self) {
        let is_new = self.port == 0;
        // Another program may take the ports before swtpm does, and one that was switched off may still hold them.
        for _ in 0..50 {
            if is_new {
                self.port = free_ports();
            }
            let started = Command::new("swtpm")
                .args(["socket", "--tpm2", "--daemon", "--flags", "not-need-init,startup-clear"])
                .arg(format!("--tpmstate=dir={}", self.state.path().display()))
                .arg(format!("--server=type=tcp,bindaddr=127.0.0.1,port={}", self.port))
                .arg(format!("--ctrl=type=tcp,bindaddr=127.0.0.1,port={}", self.port + 1))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            // It is a daemon only once it listens.
            if started.unwrap().success() {
                return;
            }
        }
        panic!("swtpm does not start");
    }

    pub(crate) fn power_off(&self) {
        let control = format!("127.0.0.1:{}", self.port + 1);
        let _ = Command::new("swtpm_ioctl").args(["--tcp", &control, "-s"]).stderr(Stdio::null()).status();
    }

    pub(crate) fn name(&self) -> String {
        format!("swtpm:host=127.0.0.1,port={}", self.port)
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        self.power_off();
    }
}

/// Two ports beside each other that nobody listens on; the second is where the control channel has to be.
fn free_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if first < u16::MAX && TcpListener::bind(("127.0.0.1", first + 1)).is_ok() {
            return first;
        }
    }
}
