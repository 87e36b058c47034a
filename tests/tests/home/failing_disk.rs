//! A disk that fails for a while: nothing that was not written is called done, and once it writes again the same goes without a restart.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use porchlight_tests::{Home, required, text, until};

/// What writes a database, a keyring and a ledger; no connection of a network does any of these.
const WRITES: &str = "pwrite64,fsync,fdatasync";

/// Every write of a hub fails, as on a disk that is broken, as long as this is there.
struct FailingDisk(Child);

impl FailingDisk {
    /// None where nobody may trace a process.
    fn under(home: &Home) -> Option<FailingDisk> {
        let status = home.process("status");
        let process = status.lines().find_map(|line| line.strip_prefix("Pid:")).unwrap().trim();
        let fault = format!("inject={WRITES}:error=EIO");
        let tracer = Command::new("strace")
            .args(["-f", "-e", &format!("trace={WRITES}"), "-e", &fault, "-o", "/dev/null", "-p", process])
            .stderr(Stdio::piped())
            .spawn();
        let mut tracer = tracer.ok()?;
        let mut said = BufReader::new(tracer.stderr.take().unwrap());
        let mut first = String::new();
        let attached = said.read_line(&mut first).is_ok() && first.contains("attached");
        // What it says of each thread is read, so that it never waits for its reader.
        std::thread::spawn(move || said.lines().map_while(Result::ok).for_each(drop));
        if attached {
            return Some(FailingDisk(tracer));
        }
        assert!(!required("PORCHLIGHT_REQUIRE_STRACE"), "the hub cannot be traced: {first}");
        eprintln!("left out, because no process can be traced here: {}", first.trim());
        None
    }
}

impl Drop for FailingDisk {
    fn drop(&mut self) {
        // It lets the hub go when it is asked to end, and not when it is killed.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[test]
fn whatever_failed_while_the_disk_did_works_again_without_a_restart() {
    let mut home = Home::quiet();
    home.add_annas_microphone("Study");
    home.anna(&["ask", "Put milk on the shopping list.", "--device", "Study"]).one();
    let session = text(&home.anna(&["session", "list"]).lines()[0], "id").to_owned();

    // Each is another path to the disk: the household and the strongbox, the vault, the hub's own database, a receipt.
    let deeds: [&[&str]; 5] = [
        &["device", "add", "Kitchen", "--kind", "microphone", "--room", "Kitchen"],
        &["consent", "withdraw", "Anna", "history"],
        &["ask", "Put bread on the shopping list."],
        &["session", "name", &session, "The desk"],
        &["forget", "--all", "--yes"],
    ];
    let Some(disk) = FailingDisk::under(&home) else { return };
    for deed in deeds {
        let done = home.anna(deed).succeeded();
        assert!(!done, "{deed:?} is called done on a disk that writes nothing");
    }
    let doctor = home.anna(&["doctor"]);
    assert!(!doctor.succeeded(), "{:?}", doctor.json_lines());
    drop(disk);

    for deed in deeds {
        until(&format!("{deed:?} works again"), 30, || home.anna(deed).succeeded().then_some(()));
    }
    home.anna(&["ledger", "verify"]).one();
    home.kill();
    home.serve();
    assert_eq!(home.device("Kitchen")["name"], "Kitchen");
    assert_eq!(home.list(&[]).len(), 0, "what was forgotten stays forgotten");
}
