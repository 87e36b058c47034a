//! Strangers who hold connections open, send halves of requests and large bodies: recording goes on, and the household gets in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use porchlight_tests::{Beginning, Flood, Home, Page, StandInCamera, number, text, until};
use serde_json::json;

/// More connections than a hub takes, and than open files that most systems give it.
const CONNECTIONS_TRIED: usize = 1500;
/// What a hub may have open beside connections.
const BESIDE: usize = 256;
/// The most connections of a hub, with those that were cut and are not yet gone.
const MOST_HELD: usize = 768 + 64;

/// How long a member waits who signs in, in a browser that was never here, up to the proof of the passphrase. To begin is counted as a
/// guess, so that a test can do it five times.
fn signs_in(home: &Home) -> Duration {
    let began = Instant::now();
    let mut page = Page::open(home);
    let opaque = page.prove("/api/sign-in/start", "Anna", &passphrase(home));
    assert!(!opaque.0.is_empty());
    assert_eq!(page.get("/api/health").0, 200);
    began.elapsed()
}

fn passphrase(home: &Home) -> String {
    std::fs::read_to_string(home.passphrase("Anna")).unwrap().trim().to_owned()
}

/// Kilobytes of memory that the hub has resident.
fn memory(home: &Home) -> u64 {
    let status = home.process("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn strangers_who_hold_connections_stop_neither_recording_nor_signing_in() {
    let camera = StandInCamera::start(false);
    let home = Home::quiet();
    if let Some(camera) = &camera {
        home.add_camera("Porch", &camera.url());
        until("the camera is recorded", 60, || (!home.list(&["--kind", "video"]).is_empty()).then_some(()));
    }
    let alone = signs_in(&home);
    let patience = Duration::from_secs(3).max(alone * 4);
    let began = Timestamp::now();
    let mut flood = Flood::new();
    for (addresses, beginning) in
        [(1, Beginning::Head), (50, Beginning::Silence), (50, Beginning::Http2), (50, Beginning::Head)]
    {
        flood.hold(home.address(), addresses, CONNECTIONS_TRIED, beginning);
        let took = signs_in(&home);
        assert!(took < patience, "from {addresses} addresses: {took:?}, and {alone:?} without a flood");
        let open = home.open_files();
        assert!(open <= MOST_HELD + BESIDE, "{open} open files");
    }
    assert!(flood.held() <= MOST_HELD, "{} connections are held", flood.held());
    // The member whose session is known goes on, by the command line too.
    assert!(home.anna(&["list"]).lines().len() < 1000);

    // Their time is over soon, without a restart.
    until("the strangers are cut", 30, || (flood.held() == 0).then_some(()));
    until("their files are closed", 30, || (home.open_files() < BESIDE).then_some(()));

    let Some(_camera) = camera else { return };
    let ended = Timestamp::now();
    let porch = until("what was recorded meanwhile is kept", 60, || {
        let porch = home.device("Porch");
        let newest: Timestamp = text(&porch["last"], "start").parse().unwrap();
        (newest > ended).then_some(porch)
    });
    assert!(
        porch["missed"].as_array().unwrap().iter().all(|missed| {
            missed["to"].as_str().is_some_and(|to| to.parse::<Timestamp>().unwrap() < began)
        }),
        "{porch}"
    );
    let mut segments = home.list(&["--kind", "video", "--device", "Porch"]);
    segments.sort_by_key(|segment| number(segment, "id"));
    let start = |segment: &serde_json::Value| text(segment, "start").parse::<Timestamp>().unwrap();
    for pair in segments.windows(2) {
        let seconds = SignedDuration::from_secs_f64(pair[0]["seconds"].as_f64().unwrap());
        let gap = start(&pair[1]).duration_since(start(&pair[0]) + seconds).as_secs_f64();
        assert!(gap.abs() < 0.2, "{gap} seconds lie between two segments");
    }
}

#[test]
fn strangers_who_never_speak_tls_keep_nobody_out() {
    let home = Home::by_https();
    let alone = signs_in(&home);
    let patience = Duration::from_secs(3).max(alone * 4);
    let mut flood = Flood::new();
    flood.hold(home.address(), 50, CONNECTIONS_TRIED, Beginning::Silence);
    let open = home.open_files();
    assert!(open <= MOST_HELD + BESIDE, "{open} open files");
    flood.hold(home.address(), 1, CONNECTIONS_TRIED, Beginning::Head);
    let took = signs_in(&home);
    assert!(took < patience, "{took:?}, and {alone:?} without a flood");
    until("the strangers are cut", 30, || (flood.held() == 0).then_some(()));
}

#[test]
fn bodies_of_strangers_are_kilobytes_and_take_no_memory() {
    let home = Home::quiet();
    signs_in(&home);
    let before = memory(&home);
    let mut flood = Flood::new();
    flood.hold(home.address(), 1, 40, Beginning::Body(4 << 20));
    flood.hold(home.address(), 50, 160, Beginning::Body(16 << 10));
    signs_in(&home);
    let after = memory(&home);
    assert!(after < before + 24 * 1024, "{before} kB before and {after} kB after");

    // A length is enough to be refused, before any of the body.
    let answer = |head: &str| {
        let mut stream = TcpStream::connect(home.address().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(head.replace('\n', "\r\n").as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let head = "POST /api/sign-in/start HTTP/1.1\nHost: localhost\nContent-Type: application/json\n";
    assert_eq!(answer(&format!("{head}Content-Length: 16385\n\n")), "HTTP/1.1 413");
    // Where a session is needed, it is asked for before the body is read.
    for path in ["/api/ask", "/api/looks", "/api/say", "/api/household", "/api/invitations"] {
        let head = format!("POST {path} HTTP/1.1\nHost: localhost\nContent-Type: application/json\n");
        let method = if path == "/api/household" { head.replace("POST", "PUT") } else { head };
        let status = answer(&format!("{method}Content-Length: 100000\n\n"));
        assert_eq!(status, "HTTP/1.1 401", "{path}");
    }
    // A body that says nothing of its length, and never ends; and one that comes too slowly is told so.
    let chunk = format!("4000\n{}\n", "a".repeat(0x4000));
    let endless = format!("{head}Transfer-Encoding: chunked\n\n{chunk}{chunk}");
    assert_eq!(answer(&endless), "HTTP/1.1 413");
    assert_eq!(answer(&format!("{head}Content-Length: 100\n\n{{")), "HTTP/1.1 408");

    // Whoever answers, what nobody wanted of a body does not take the connection along, nor the next request that comes by it.
    for path in ["/api/hear", "/api/say", "/api/ask", "/api/health", "/api/nothing"] {
        let body = "a".repeat(60_000);
        let head = format!("POST {path} HTTP/1.1\nHost: localhost\nContent-Length: {}\n\n", body.len());
        let next = "GET /api/health HTTP/1.1\nHost: localhost\nConnection: close\n\n";
        let mut stream = TcpStream::connect(home.address().trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let both = format!("{}{body}{}", head.replace('\n', "\r\n"), next.replace('\n', "\r\n"));
        stream.write_all(both.as_bytes()).unwrap();
        let mut answers = String::new();
        let read = stream.read_to_string(&mut answers);
        assert!(answers.contains("HTTP/1.1 200"), "{path}: {read:?} {answers}");
    }

    let mut page = Page::open(&home);
    let (status, said) =
        page.post("/api/sign-in/start", &json!({ "name": "a".repeat(20_000), "request": "" }));
    assert_eq!((status, text(&said["said"], "code")), (413, "body-too-long"), "{said}");
}
