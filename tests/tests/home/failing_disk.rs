//! A disk that fails for a while: nothing that was not written is called done, and once it writes again the same goes without a restart.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use porchlight_tests::{Home, Page, required, text, until};
use serde_json::Value;

/// What writes a database, a keyring and a ledger; no connection of a network does any of these.
const WRITES: &str = "pwrite64,fsync,fdatasync";

/// Every write of a hub fails, as on a disk that is broken, as long as this is there.
struct FailingDisk(Child);

impl FailingDisk {
    /// None where nobody may trace a process.
    fn under(home: &Home) -> Option<FailingDisk> {
        FailingDisk::at(home, &[])
    }

    /// Only what these files are written with fails; all of it where none is named.
    fn at(home: &Home, files: &[PathBuf]) -> Option<FailingDisk> {
        let process = process_of(home);
        let fault = format!("inject={WRITES}:error=EIO");
        let tracer = Command::new("strace")
            .args(["-f", "-e", &format!("trace={WRITES}"), "-e", &fault, "-o", "/dev/null", "-p", &process])
            .args(files.iter().flat_map(|file| [OsStr::new("-P"), file.as_os_str()]))
            .stderr(Stdio::piped())
            .spawn();
        let mut tracer = tracer.ok()?;
        let mut said = BufReader::new(tracer.stderr.take().unwrap());
        let mut first = String::new();
        // What it says of each path comes first.
        let attached = loop {
            match said.read_line(&mut first) {
                Ok(read) if read > 0 && !first.contains("attached") => {}
                _ => break first.contains("attached"),
            }
        };
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

fn process_of(home: &Home) -> String {
    let status = home.process("status");
    status.lines().find_map(|line| line.strip_prefix("Pid:")).unwrap().trim().to_owned()
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

    let words = home.list(&["--kind", "transcript"])[0]["id"].to_string();
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240)).to_string();
    let (opened, exported) = (home.file("opened"), home.file("exported"));
    let (opened, exported) = (opened.to_str().unwrap(), exported.to_str().unwrap());

    // Each writes a line and does something, and of each there is one line in the end.
    let told: [(&str, &[&str]); 4] = [
        ("hold", &["hold", "add", &words, "--until", &until, "--why", "the insurance"]),
        ("clock", &["clock", "confirm", "--yes"]),
        ("look", &["open", &words, "--out", opened]),
        ("look", &["export", &words, "--out", exported]),
    ];
    // Each is another path to the disk: the household and the strongbox, the vault, the hub's own database, a receipt.
    let deeds: [&[&str]; 5] = [
        &["device", "add", "Kitchen", "--kind", "microphone", "--room", "Kitchen"],
        &["consent", "withdraw", "Anna", "history", "--yes"],
        &["ask", "Put bread on the shopping list."],
        &["session", "name", &session, "The desk"],
        &["forget", "--all", "--yes"],
    ];
    let all = || told.iter().map(|(_, deed)| *deed).chain(deeds);
    let checks = |home: &Home| home.anna(&["doctor"]).json_lines();
    let refused = |checks: &[Value]| {
        let bad = checks.iter().filter(|check| text(check, "state") == "bad");
        let bad: Vec<&str> = bad
            .filter(|check| text(check, "sentence").contains(" fails, so nothing new"))
            .map(|check| text(check, "name"))
            .collect();
        bad == ["disk", "strongbox disk"]
    };
    assert!(!refused(&checks(&home)));
    let Some(disk) = FailingDisk::under(&home) else { return };
    // Though nobody has written anything yet.
    assert!(refused(&checks(&home)), "{:?}", checks(&home));
    for deed in all() {
        let done = home.anna(deed).succeeded();
        assert!(!done, "{deed:?} is called done on a disk that writes nothing");
    }
    assert!(refused(&checks(&home)));
    drop(disk);

    assert!(!refused(&checks(&home)));
    for (_, deed) in told {
        until_it_works(&home, deed);
    }
    let lines = |kind: &str| home.anna(&["ledger", "list", "--kind", kind]).lines().len();
    assert_eq!([lines("hold"), lines("clock"), lines("look")], [1, 1, 2]);
    let hold = home.anna(&["hold", "list"]).one();
    home.prove("Anna").one();
    home.anna(&["hold", "release", &hold["id"].to_string()]).one();
    for deed in deeds {
        until_it_works(&home, deed);
    }
    home.anna(&["ledger", "verify"]).one();

    // Where the disk fails under one database alone nothing else finds it out.
    let file = fs::read(home.file("Anna.state").join("porchlight/sessions.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let mut page = Page::of_session(&home, &file["sessions"][home.address()]);
    let mut is_told = || {
        let [doctor, on_home] = [format!("{:?}", checks(&home)), page.get("/api/attention").1.to_string()];
        (doctor.contains("fails, so nothing new is kept"), on_home.contains("disk-failing"))
    };
    for (database, deed) in [("catalog.sqlite-wal", told[1].1), ("hub.sqlite-wal", deeds[3])] {
        let Some(disk) = FailingDisk::at(&home, &[home.data().join(database)]) else { return };
        assert!(!home.anna(deed).succeeded(), "{database}");
        assert_eq!(is_told(), (true, true), "{database}");
        drop(disk);
        assert_eq!(is_told(), (false, false), "{database}");
    }
    home.kill();
    home.serve();
    assert_eq!(home.device("Kitchen")["name"], "Kitchen");
    assert_eq!(home.list(&[]).len(), 0, "what was forgotten stays forgotten");
}

/// What is durable of the slot is not known then. Nobody has to come by for the hub to end, so that it is started again.
#[test]
fn a_hub_whose_slot_fails_ends_at_once_and_after_the_next_start_the_same_works() {
    let mut home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.kill();
    home.serve();
    let slot = ["slot-1", "slot-2"].map(|name| home.strongbox().join(name));
    let process = process_of(&home);
    // The first that is kept in a run leases ids, with a commit of the keyring.
    let deed = ["ask", "Put bread on the shopping list."];
    let Some(disk) = FailingDisk::at(&home, &slot) else { return };
    home.anna(&deed);
    let ended = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    };
    until("the hub ends by itself", 20, ended);
    drop(disk);
    assert!(home.log().contains("the strongbox's slot could not be written"), "{}", home.log());
    home.kill();
    home.serve();
    home.anna(&deed).one();
}

fn until_it_works(home: &Home, deed: &[&str]) {
    until(&format!("{deed:?} works again"), 30, || home.anna(deed).succeeded().then_some(()));
}
