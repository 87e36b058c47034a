//! A camera that speaks ONVIF, and lies about where it is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

use crate::StandInCamera;

/// An ONVIF service before the stream of a stand-in camera. It serves until the tests are over.
pub struct OnvifCamera {
    /// Where it speaks ONVIF.
    pub service: String,
    /// Where it hears whoever looks for cameras.
    pub listens: String,
}

/// Where it says that it is, and is not.
const ELSEWHERE: &str = "10.9.8.7";

impl OnvifCamera {
    /// Starts one whose streams are that camera's. Its clock is years ahead, as that of a camera whose battery is empty.
    pub fn before(camera: &StandInCamera) -> OnvifCamera {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let rtsp = camera.port();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                thread::spawn(move || serve(connection, port, rtsp));
            }
        });
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let listens = socket.local_addr().expect("it listens").to_string();
        thread::spawn(move || answer_probes(&socket, port));
        OnvifCamera { service: format!("http://127.0.0.1:{port}/onvif/device_service"), listens }
    }
}

fn answer_probes(socket: &UdpSocket, port: u16) {
    let mut question = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut question) {
        let text = String::from_utf8_lossy(&question[..length]);
        let Some(id) = between(&text, "MessageID>", "<") else { continue };
        let answer = envelope(&format!(
            "<d:ProbeMatches><d:ProbeMatch><d:Scopes>onvif://www.onvif.org/name/Front%20door onvif://www.onvif.org/hardware/Stand-in</d:Scopes>\
             <d:XAddrs>http://{ELSEWHERE}/onvif/device_service http://127.0.0.1:{port}/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches>"
        ))
        .replace("<s:Header/>", &format!("<s:Header><w:RelatesTo>{id}</w:RelatesTo></s:Header>"));
        let _ = socket.send_to(answer.as_bytes(), from);
    }
}

fn serve(connection: TcpStream, port: u16, rtsp: u16) {
    let Ok(mut writer) = connection.try_clone() else { return };
    let mut reader = BufReader::new(connection);
    loop {
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            match reader.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if line.trim().is_empty() => break,
                Ok(_) => {
                    let lower = line.to_lowercase();
                    if let Some(given) = lower.strip_prefix("content-length:") {
                        length = given.trim().parse().unwrap_or(0);
                    }
                }
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let (status, answer) = answer(&String::from_utf8_lossy(&body), port, rtsp);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/soap+xml\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(answer.as_bytes())).is_err() {
            return;
        }
    }
}

fn answer(asked: &str, port: u16, rtsp: u16) -> (&'static str, String) {
    let clock = "<tt:Time><tt:Hour>12</tt:Hour><tt:Minute>0</tt:Minute><tt:Second>0</tt:Second></tt:Time>\
                 <tt:Date><tt:Year>2031</tt:Year><tt:Month>7</tt:Month><tt:Day>4</tt:Day></tt:Date>";
    if asked.contains("GetSystemDateAndTime") {
        let body = format!(
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>{clock}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        );
        return ("200 OK", envelope(&body));
    }
    if !is_let_in(asked) {
        let fault = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code></s:Fault>";
        return ("400 Bad Request", envelope(fault));
    }
    let stream = |token: &str, size: &str, codec: &str| {
        format!(
            "<tr2:Profiles token=\"{token}\" fixed=\"true\"><tr2:Name>{token}</tr2:Name><tr2:Configurations><tr2:VideoEncoder token=\"v\">\
             <tt:Encoding>{codec}</tt:Encoding>{size}</tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>"
        )
    };
    let size = |width: u32, height: u32| {
        format!("<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>")
    };
    let body = if asked.contains("GetDeviceInformation") {
        "<tds:GetDeviceInformationResponse><tds:Manufacturer>Porchlight</tds:Manufacturer><tds:Model>Stand-in</tds:Model></tds:GetDeviceInformationResponse>".to_owned()
    } else if asked.contains("GetServices") {
        format!(
            "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace>\
             <tds:XAddr>http://{ELSEWHERE}:{port}/onvif/media2</tds:XAddr></tds:Service></tds:GetServicesResponse>"
        )
    } else if asked.contains("GetProfiles") {
        let all = [
            stream("small", &size(320, 180), "H264"),
            stream("main", &size(640, 360), "H264"),
            stream("stills", &size(4000, 3000), "JPEG"),
        ];
        format!("<tr2:GetProfilesResponse>{}</tr2:GetProfilesResponse>", all.concat())
    } else if asked.contains("GetStreamUri") {
        let path = match between(asked, "ProfileToken>", "<") {
            Some("main") => "cam",
            Some(other) => other,
            None => "nowhere",
        };
        format!(
            "<tr2:GetStreamUriResponse><tr2:Uri>rtsp://{ELSEWHERE}:{rtsp}/{path}</tr2:Uri></tr2:GetStreamUriResponse>"
        )
    } else {
        let fault = "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>ter:ActionNotSupported</s:Value></s:Subcode></s:Code></s:Fault>";
        return ("500 Internal Server Error", envelope(fault));
    };
    ("200 OK", envelope(&body))
}

/// Whether the digest is of the password, and of the camera's own time.
fn is_let_in(asked: &str) -> bool {
    let part = |name: &str| between(asked, name, "<");
    let (Some(user), Some(nonce), Some(created)) = (
        part("<Username>"),
        part("<Nonce>"),
        between(asked, "<Created", "<").and_then(|rest| rest.split('>').nth(1)),
    ) else {
        return false;
    };
    let Some(given) = between(asked, "<Password", "<").and_then(|rest| rest.split('>').nth(1)) else {
        return false;
    };
    let Ok(nonce) = BASE64_STANDARD.decode(nonce) else { return false };
    let digest = Sha1::new()
        .chain_update(nonce)
        .chain_update(created)
        .chain_update(StandInCamera::PASSWORD)
        .finalize();
    user == StandInCamera::USER
        && created.starts_with("2031-07-04T12:0")
        && given == BASE64_STANDARD.encode(digest)
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(&rest[..rest.find(to)?])
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:tt=\"http://www.onvif.org/ver10/schema\" \
         xmlns:tds=\"http://www.onvif.org/ver10/device/wsdl\" xmlns:tr2=\"http://www.onvif.org/ver20/media/wsdl\" \
         xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" xmlns:w=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
         xmlns:ter=\"http://www.onvif.org/ver10/error\"><s:Header/><s:Body>{body}</s:Body></s:Envelope>"
    )
}
