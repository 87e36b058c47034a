//! Requests and responses (RFC 2326, sections 4 to 7). Whatever ends a line ends it, and a header that is none is passed over.

use zeroize::Zeroizing;

/// A start line with its headers is no longer than this.
pub(crate) const MOST_HEAD: usize = 16 << 10;

/// A body is no longer than this; descriptions have some kilobytes.
pub(crate) const MOST_BODY: usize = 96 << 10;

const MOST_HEADERS: usize = 128;

/// What a camera says. It may hold secrets, so it cannot be shown.
pub(crate) struct Message {
    pub(crate) start: Start,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) enum Start {
    /// An answer, with its status.
    Answer(u16),
    /// A request of the camera's own, with its method.
    Request(String),
}

/// What the beginning of a stream of bytes holds.
pub(crate) enum Head {
    /// A message without its body, and its length in bytes.
    Whole(Message, usize),
    /// Not all of it is there yet.
    Begun,
    /// No message.
    Noise,
}

impl Head {
    /// Reads a start line and its headers.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        if !may_begin(bytes) {
            return Self::Noise;
        }
        let Some(length) = end_of_head(bytes) else {
            return if bytes.len() > MOST_HEAD { Self::Noise } else { Self::Begun };
        };
        let text = String::from_utf8_lossy(&bytes[..length]);
        let mut lines = text.split('\n').map(|line| line.trim_end_matches('\r'));
        let Some(start) = lines.next().and_then(start_line) else { return Self::Noise };
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':')
                && headers.len() < MOST_HEADERS
            {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self::Whole(Message { start, headers, body: Vec::new() }, length)
    }
}

/// Whether a message can begin so: with `RTSP/`, or with a method and an address.
fn may_begin(bytes: &[u8]) -> bool {
    const ANSWER: &[u8] = b"RTSP/";
    let begun = &bytes[..bytes.len().min(ANSWER.len())];
    if begun.eq_ignore_ascii_case(&ANSWER[..begun.len()]) {
        return true;
    }
    let word = bytes.iter().take(32).take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_').count();
    match bytes.get(word) {
        None => word < 32,
        Some(after) => word >= 3 && *after == b' ',
    }
}

/// Where the empty line after the headers ends.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', &bytes[..bytes.len().min(MOST_HEAD)]) {
        if bytes[start..end].iter().all(|byte| *byte == b'\r') && start > 0 {
            return Some(end + 1);
        }
        start = end + 1;
    }
    None
}

fn start_line(line: &str) -> Option<Start> {
    let mut words = line.split_ascii_whitespace();
    let first = words.next()?;
    let is_version = |word: &str| word.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("RTSP/"));
    if is_version(first) {
        let status = words.next()?.get(..3)?.parse().ok()?;
        return Some(Start::Answer(status));
    }
    words.any(is_version).then(|| Start::Request(first.to_owned()))
}

impl Message {
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// The values of all headers of this name, given in lower case.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.header(name)?.trim().parse().ok()
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self.start {
            Start::Answer(status) => Some(status),
            Start::Request(_) => None,
        }
    }
}

/// Writes a request. `headers` are passed on as they are: their values hold no ends of lines.
pub(crate) fn request(method: &str, url: &str, sequence: u32, headers: &[(&str, &str)]) -> Zeroizing<String> {
    let length: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    let mut text = Zeroizing::new(String::with_capacity(length + method.len() + url.len() + 96));
    let mut put = |parts: &[&str]| parts.iter().for_each(|part| text.push_str(part));
    put(&[method, " ", url, " RTSP/1.0\r\nCSeq: ", &sequence.to_string(), "\r\nUser-Agent: Porchlight\r\n"]);
    for (name, value) in headers {
        put(&[name, ": ", value, "\r\n"]);
    }
    put(&["\r\n"]);
    text
}

/// Writes the answer to a request of the camera's.
pub(crate) fn answer(request: &Message) -> Option<String> {
    let Start::Request(method) = &request.start else { return None };
    let status = match method.as_str() {
        "OPTIONS" | "GET_PARAMETER" | "SET_PARAMETER" => "200 OK",
        _ => "501 Not Implemented",
    };
    let sequence = request.number("cseq").unwrap_or_default();
    Some(format!("RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n\r\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(text: &str) -> (Message, usize) {
        match Head::read(text.as_bytes()) {
            Head::Whole(message, length) => (message, length),
            Head::Begun => panic!("only begun: {text}"),
            Head::Noise => panic!("noise: {text}"),
        }
    }

    #[test]
    fn lines_may_end_as_they_like() {
        for text in [
            "RTSP/1.0 200 OK\r\nCSeq: 7\r\nPublic: A,\r\n B\r\n\r\nrest",
            "RTSP/1.0 200 OK\nCSeq:7\nnonsense\nPublic: A, B\n\nrest",
            "rtsp/1.0  200\r\n cseq: 3\r\nCSEQ :  7 \r\npublic: A, B\r\r\n\r\r\nrest",
        ] {
            let (message, length) = whole(text);
            assert_eq!(message.status(), Some(200), "{text}");
            assert_eq!((message.number("cseq"), message.header("public")), (Some(7), Some("A, B")), "{text}");
            assert_eq!(&text[length..], "rest");
        }
    }

    #[test]
    fn what_is_no_message_is_noise_and_what_may_become_one_is_waited_for() {
        for noise in
            ["220 smtp\r\n\r\n", "HTTP/1.1 400 Bad\r\n\r\n", "\0\x01", "a=control:1\r\n", "RTSP/1.0\r\n\r\n"]
        {
            assert!(matches!(Head::read(noise.as_bytes()), Head::Noise), "{noise}");
        }
        assert!(matches!(Head::read(&[b'A'; 40]), Head::Noise));
        for begun in ["", "RT", "RTSP/1.0 200 OK\r\nCSeq", "OPTIONS", "SET_PARAMETER * RTSP/1.0\r\n"] {
            assert!(matches!(Head::read(begun.as_bytes()), Head::Begun), "{begun}");
        }
        let endless = format!("RTSP/1.0 200 OK\r\nX: {}", "x".repeat(MOST_HEAD));
        assert!(matches!(Head::read(endless.as_bytes()), Head::Noise));
    }

    #[test]
    fn a_cameras_own_requests_are_answered() {
        let (asked, _) = whole("OPTIONS * RTSP/1.0\r\nCSeq: 900\r\n\r\n");
        assert_eq!(answer(&asked).unwrap(), "RTSP/1.0 200 OK\r\nCSeq: 900\r\n\r\n");
        let (told, _) = whole("ANNOUNCE rtsp://cam/ RTSP/1.0\r\n\r\n");
        assert!(answer(&told).unwrap().starts_with("RTSP/1.0 501"));
        assert!(answer(&whole("RTSP/1.0 200 OK\r\n\r\n").0).is_none());
    }

    #[test]
    fn a_request_is_written() {
        let text = request("PLAY", "rtsp://cam/", 3, &[("Session", "1"), ("Range", "npt=0.000-")]);
        assert_eq!(
            *text,
            "PLAY rtsp://cam/ RTSP/1.0\r\nCSeq: 3\r\nUser-Agent: Porchlight\r\nSession: 1\r\nRange: npt=0.000-\r\n\r\n"
        );
    }

    proptest! {
        #[test]
        fn whatever_comes_a_head_ends_where_it_says(bytes in prop::collection::vec(any::<u8>(), 0..300), begin in any::<bool>()) {
            let bytes = if begin { [b"RTSP/1.0 200 OK\r\n", &bytes[..]].concat() } else { bytes };
            if let Head::Whole(_, length) = Head::read(&bytes) {
                prop_assert!(length <= bytes.len() && bytes[length - 1] == b'\n');
            }
        }
    }
}
