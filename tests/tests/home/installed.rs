//! A hub that starts by itself: what it remembers, what a service manager is told, how it is confined, and what documents it.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use porchlight_tests::{Home, Page, has, porchlight, text};
use serde_json::Value;

/// What is answered to a plain request there; nothing where nobody answers plainly.
fn plainly(address: &str, host: &str, path: &str) -> String {
    let Ok(mut socket) = TcpStream::connect(address) else { return String::new() };
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if answer.starts_with("HTTP/1.1 ") { answer } else { String::new() }
}

/// Whether the hub is reached by HTTPS at the port of its plain address, by whoever trusts the household's authority alone.
fn encrypted(home: &Home) -> bool {
    let port = home.address().rsplit_once(':').unwrap().1;
    if !has("curl", "asks for pages as another program") {
        return true;
    }
    let done = Command::new("curl")
        .args(["--silent", "--noproxy", "*", "--max-time", "30", "--cacert"])
        .arg(home.authority())
        .arg(format!("https://127.0.0.1:{port}/api/health"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&done.stdout).contains("porchlight")
}

/// Phones at home are served, encrypted alone; this computer as it was.
fn phones_come_in(home: &Home, page: &mut Page) {
    assert!(home.address().starts_with("http://127.0.0.1:"), "{}", home.address());
    let phone = page.get("/api/phone").1;
    assert_eq!((&phone["network"], phone["authority"].is_object()), (&true.into(), true), "{phone}");
    assert_eq!(text(&page.get("/api/me").1, "name"), "Anna", "the session goes on");
    assert!(encrypted(home));
    let here = home.address().strip_prefix("http://").unwrap();
    assert!(plainly(here, here, "/api/health").contains("porchlight"));
    // Whoever comes by an address of the network is told nothing unencrypted. Not every machine has one.
    let addresses = phone["addresses"].as_array().unwrap().iter().filter_map(Value::as_str);
    for address in addresses.filter_map(|address| address.strip_prefix("https://")) {
        let named = address.rsplit_once(':').unwrap().0.parse::<IpAddr>();
        if named.is_ok_and(|address| address.is_ipv4()) {
            assert_eq!(plainly(address, here, "/api/health"), "", "{address}");
        }
    }
}

#[test]
fn phones_are_let_in_while_this_computer_goes_on_and_after_every_start() {
    let mut home = Home::made();
    home.serve_with(&["--no-announce"]);
    home.sign_in("Anna").one();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let phone = page.get("/api/phone").1;
    assert_eq!((&phone["network"], &phone["yours"]), (&false.into(), &true.into()));
    assert!(!encrypted(&home) || !home.authority().exists());
    let (status, phone) = page.post("/api/phone", &Value::Null);
    assert_eq!(status, 200, "{phone}");
    phones_come_in(&home, &mut page);
    // Asked again it is so already, and the ledger has said it.
    assert_eq!(page.post("/api/phone", &Value::Null).0, 200);
    assert_eq!(home.anna(&["ledger", "list", "--kind", "phones"]).lines().len(), 1);

    // What it was told is in a file, shown by doctor, and enough for the next start.
    home.stop();
    home.serve_as_remembered();
    page.go_to(home.address());
    phones_come_in(&home, &mut page);
    home.sign_in("Anna").one();
    let checks = home.anna(&["doctor"]).json_lines();
    let settings = checks.iter().find(|check| check["name"] == "settings").unwrap();
    assert!(text(settings, "sentence").contains("phones at home come in by https"), "{settings}");
    assert!(text(settings, "sentence").contains("no-models"), "{settings}");
    home.stop();

    // A copy elsewhere takes no path of before: not the strongbox of the household that it is a copy of.
    let copy = home.file("copy");
    porchlight_tests::copy_folder(&home.data(), &copy);
    let why = home.anna(&["serve", "--data", copy.to_str().unwrap()]).refused();
    assert!(why.contains("written when this data folder lay at"), "{why}");
    assert!(why.contains("copy.strongbox"), "{why}");
}

/// Whoever can write into the data folder writes what he likes into what is remembered there.
#[test]
fn what_is_remembered_is_followed_as_the_hub_wrote_it_and_not_as_anybody_else_did() {
    let mut home = Home::made();
    let mirror = home.file("mirror");
    home.serve_with(&[
        "--strongbox",
        home.strongbox().to_str().unwrap(),
        "--strongbox",
        mirror.to_str().unwrap(),
    ]);
    home.stop();
    let settings = home.data().join("settings.toml");
    let written = fs::read_to_string(&settings).unwrap();
    assert!(written.contains("strongbox = ") && !written.contains("mirror"), "{written}");

    // A folder of the attacker's own, for keys or for a library, in the data folder and elsewhere.
    let [inside, outside] = [home.data().join("blobs/mine"), home.file("mine")];
    for folder in [&inside, &outside] {
        fs::create_dir_all(folder).unwrap();
        fs::copy(home.data().join("porchlight.json"), folder.join("porchlight-strongbox.json")).unwrap();
        let strongbox = format!("strongbox = {:?}", home.strongbox());
        for forged in [
            written.replace(&strongbox, &format!("strongbox = {folder:?}")),
            written
                .replace(&format!("models = {:?}", home.file("no-models")), &format!("models = {folder:?}")),
            written.replace("phones = false", "phones = true"),
        ] {
            assert_ne!(forged, written);
            fs::write(&settings, &forged).unwrap();
            let refused = home.anna(&["serve", "--data", home.data().to_str().unwrap()]);
            let why = refused.refused();
            assert!(!why.is_empty());
            let keys = ["slot-1", "slot-2", "household-1.json"].map(|keys| folder.join(keys));
            assert!(!keys.iter().any(|keys| keys.exists()), "nothing of the keys came there: {forged}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    // The way out is said, and takes the place of what was forged; the mirror is the strongbox's to know.
    fs::write(&settings, format!("{written}# a word\n")).unwrap();
    let why = home.anna(&["serve", "--data", home.data().to_str().unwrap()]).refused();
    assert!(why.contains("is not as the hub wrote it") && why.contains("--defaults"), "{why}");
    home.serve_with(&[]);
    home.stop();
    home.serve_as_remembered();
    home.sign_in("Anna").one();
    let checks = home.anna(&["doctor"]).json_lines();
    let told = checks.iter().map(Value::to_string).collect::<String>();
    assert!(told.contains(mirror.to_str().unwrap()), "the mirror is followed: {told}");
    // What the next start would not follow is told before it.
    let newest = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{newest}# a word\n")).unwrap();
    let checks = home.anna(&["doctor"]).json_lines();
    let told = checks.iter().find(|check| check["name"] == "settings").unwrap();
    assert!(text(told, "sentence").contains("is not as the hub wrote it"), "{told}");
    // A copy of before that is put back has what the hub wrote then.
    home.stop();
    assert_ne!(newest, written);
    fs::write(&settings, &written).unwrap();
    home.serve_as_remembered();
    home.sign_in("Anna").one();
}

#[test]
fn a_service_manager_hears_that_the_hub_serves_lives_and_stops_and_doctor_says_that_it_is_confined() {
    let mut home = Home::made();
    let told = home.file("notify");
    let socket = UnixDatagram::bind(&told).unwrap();
    // A service manager reads whatever comes.
    let (heard, said) = channel();
    thread::spawn(move || {
        let mut message = [0; 4096];
        while let Ok(length) = socket.recv(&mut message) {
            if heard.send(String::from_utf8_lossy(&message[..length]).into_owned()).is_err() {
                return;
            }
        }
    });
    let hears = |wanted: &str| {
        while !said
            .recv_timeout(Duration::from_secs(20))
            .unwrap_or_else(|_| panic!("no {wanted}"))
            .contains(wanted)
        {}
    };
    home.set("NOTIFY_SOCKET", told.to_str().unwrap());
    home.set("WATCHDOG_USEC", "200000");
    home.serve_with(&["--log", "json", "--metrics", "127.0.0.1:0"]);
    hears("READY=1");
    hears("WATCHDOG=1");
    home.sign_in("Anna").one();
    home.add_microphone("Kitchen");
    let checks = home.anna(&["doctor"]).json_lines();
    let confined = checks.iter().find(|check| check["name"] == "confinement").unwrap();
    let sentence = text(confined, "sentence");
    assert!(sentence.contains("Landlock"), "{sentence}");
    // What it says is what is so: these folders and no others.
    let folders = [home.data(), home.strongbox(), env::temp_dir()].map(|folder| folder.display().to_string());
    assert!(folders.iter().all(|folder| sentence.contains(folder)), "{sentence}");

    // Its log is for programs, and says where the numbers are: of this computer alone, and of nobody.
    let lines: Vec<Value> = home.log().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = lines.iter().filter_map(|line| line["message"].as_str());
    let numbers =
        said.filter_map(|said| said.strip_prefix("Numbers for a monitor are at http://")).next().unwrap();
    let (address, _) = numbers.split_once('/').unwrap();
    let answer = plainly(address, address, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for number in ["porchlight_recordings ", "porchlight_cameras{state=", "porchlight_ledger_lines ", "# EOF"]
    {
        assert!(answer.contains(number), "{number}: {answer}");
    }
    let mark = fs::read_to_string(home.data().join("porchlight.json")).unwrap();
    let mark: Value = serde_json::from_str(&mark).unwrap();
    for personal in ["Anna", "Kitchen", text(&mark, "household"), home.data().to_str().unwrap()] {
        assert!(!answer.contains(personal), "{personal}: {answer}");
    }
    assert!(plainly(address, "evil.example", "/metrics").starts_with("HTTP/1.1 421"));
    assert!(plainly(address, address, "/api/health").starts_with("HTTP/1.1 404"));
    home.stop();
    hears("STOPPING=1");
    let why =
        home.anna(&["serve", "--data", home.data().to_str().unwrap(), "--metrics", "0.0.0.0:0"]).refused();
    assert!(why.contains("this computer alone"), "{why}");
}

#[test]
fn shells_complete_its_commands_and_manual_pages_describe_each_of_them() {
    let home = Home::empty(porchlight_tests::Voice::None);
    let plain = |words: &[&str]| {
        let done = Command::new(porchlight()).args(words).output().unwrap();
        assert!(done.status.success(), "{words:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    for (shell, begins) in
        [("bash", "_porchlight()"), ("zsh", "#compdef porchlight"), ("fish", "complete -c porchlight")]
    {
        let script = plain(&["completions", shell]);
        assert!(
            script.contains(begins) && script.contains("prove-gone") && script.contains("recovery-kit"),
            "{shell}"
        );
        let file = home.file(shell);
        fs::write(&file, &script).unwrap();
        reads(shell, &file);
        assert_eq!(
            home.anna(&["completions", shell]).one()["script"].as_str().unwrap().trim_end(),
            script.trim_end()
        );
    }
    let why = home.anna(&["completions", "tcsh"]).refused();
    assert!(why.contains("tcsh"), "{why}");

    let pages = home.file("man");
    let said = home.anna(&["man", "--into", pages.to_str().unwrap()]).one();
    assert_eq!(said["pages"].as_u64().unwrap() as usize, fs::read_dir(&pages).unwrap().count());
    let page = fs::read_to_string(pages.join("porchlight-device-add.1")).unwrap();
    assert!(page.starts_with(".ie") || page.contains(".TH porchlight-device-add 1"), "{page}");
    assert!(page.contains("porchlight device add"), "{page}");
    assert_eq!(plain(&["man", "device", "add"]).trim_end(), page.trim_end());
    assert!(plain(&["man"]).contains("prove\\-gone"));
    let why = home.anna(&["man", "no-such"]).refused();
    assert!(why.contains("there is no command"), "{why}");
}

/// Has a shell read a script, where there is that shell.
fn reads(shell: &str, script: &Path) {
    if has(shell, "reads its completions") {
        let read = Command::new(shell).arg("-n").arg(script).output().unwrap();
        assert!(read.status.success(), "{shell}: {}", String::from_utf8_lossy(&read.stderr));
    }
}
