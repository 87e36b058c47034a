//! Cameras: one made of software that is as good as a real one, and some that are no good.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

use crate::program::{required, root};

const PYTHON: &str = "/usr/bin/python3";

/// A film over RTSP on the loopback address, behind a password.
pub struct StandInCamera {
    server: Child,
    /// Its film lies in here, so that nothing is left when it is killed.
    _films: TempDir,
    port: u16,
}

impl StandInCamera {
    /// The user whom it lets watch.
    pub const USER: &str = "watcher";
    /// That user's password: long and odd enough to be found wherever it does not belong.
    pub const PASSWORD: &str = "Quagga-7-Trombone-Velvet";

    /// Starts one, with sound if it is asked for. `None` where GStreamer is missing and may be missing: a line says so.
    pub fn start(sound: bool) -> Option<StandInCamera> {
        StandInCamera::at_port(0, sound)
    }

    fn at_port(port: u16, sound: bool) -> Option<StandInCamera> {
        let films = tempfile::tempdir().expect("a folder for films");
        let mut server = Command::new(PYTHON)
            .arg(root().join("tests/stand-in-camera/stand-in-camera.py"))
            .args(["--attached", "--size", "640x360", "--minutes", "5", "--port", &port.to_string()])
            .args(["--user", Self::USER, "--password", Self::PASSWORD])
            .args(sound.then_some("--sound"))
            .env("TMPDIR", films.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()
            .or_else(|| missing(PYTHON))?;
        let mut line = String::new();
        let out = server.stdout.as_mut().expect("it was asked for");
        BufReader::new(out).read_line(&mut line).expect("the stand-in camera prints text");
        let Some(address) = line.trim().strip_prefix("rtsp://127.0.0.1:") else {
            let mut why = String::new();
            let _ = server.stderr.take().expect("it was asked for").read_to_string(&mut why);
            let _ = server.wait();
            return missing(&why);
        };
        let port =
            address.split('/').next().and_then(|port| port.parse().ok()).expect("an address has a port");
        Some(StandInCamera { server, _films: films, port })
    }

    /// Its address with the right user and password.
    pub fn url(&self) -> String {
        self.url_with(Self::PASSWORD)
    }

    /// Its address with the right user and another password.
    pub fn url_with(&self, password: &str) -> String {
        format!("rtsp://{}:{password}@127.0.0.1:{}/cam", Self::USER, self.port)
    }

    /// The port that it serves.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections to it are open.
    pub fn viewers(&self) -> usize {
        let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel lists connections");
        let (to, established) = (format!(":{:04X}", self.port), "01");
        let is_open = |line: &&str| {
            let mut fields = line.split_whitespace().skip(2);
            fields.next().is_some_and(|remote| remote.ends_with(&to)) && fields.next() == Some(established)
        };
        table.lines().filter(is_open).count()
    }

    /// Takes its power away.
    pub fn kill(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }

    /// Gives it its power back, at the same address.
    pub fn restart(self, sound: bool) -> StandInCamera {
        let port = self.port;
        drop(self);
        StandInCamera::at_port(port, sound).expect("it ran before")
    }
}

impl Drop for StandInCamera {
    fn drop(&mut self) {
        self.kill();
    }
}

fn missing<T>(why: &str) -> Option<T> {
    assert!(!required("PORCHLIGHT_REQUIRE_CAMERA"), "the stand-in camera does not start: {why}");
    eprintln!("left out, because the stand-in camera does not start: {}", why.trim());
    None
}

/// Something at a camera's address that is no camera. It serves until the tests are over.
pub enum BadCamera {
    /// Takes the connection and never says a word.
    Hanging,
    /// Answers everything with what is no RTSP.
    Garbage,
    /// Nothing listens there.
    Refusing,
}

impl BadCamera {
    /// Its address.
    pub fn url(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        match self {
            BadCamera::Refusing => drop(listener),
            BadCamera::Hanging => serve(listener, |_| {}),
            BadCamera::Garbage => serve(listener, |stream| {
                let _ = stream.write_all(&b"\x16\x03 this is no camera \xff\xfe\r\n\r\n".repeat(64));
            }),
        }
        format!("rtsp://watcher:secret@127.0.0.1:{port}/cam")
    }
}

fn serve(listener: TcpListener, answer: fn(&mut TcpStream)) {
    thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            answer(&mut stream);
            open.push(stream);
        }
    });
}
