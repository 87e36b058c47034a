//! What is agreed when a stream is set up: its channels (RFC 2326, section 12.39), its session (12.37), and under which address.

use url::Url;

/// Two channels of the connection: of a stream's data, and of the reports about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channels {
    pub(crate) data: u8,
    pub(crate) reports: u8,
}

impl Channels {
    /// What the camera made of what was asked for. Where it says nothing, that is it; `None` where it means to send by UDP.
    pub(crate) fn agreed(transport: Option<&str>, asked: Self) -> Option<Self> {
        let Some(transport) = transport else { return Some(asked) };
        // A camera that lists several takes the first.
        let mut parts = transport.split(',').next().unwrap_or_default().split(';').map(str::trim);
        let protocol = parts.next().unwrap_or_default().to_ascii_uppercase();
        let mut by_port = false;
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = name.trim();
            if name.eq_ignore_ascii_case("interleaved") {
                return Some(Self::read(value).unwrap_or(asked));
            }
            by_port |= ["client_port", "server_port"].iter().any(|port| name.eq_ignore_ascii_case(port));
        }
        let by_udp = !protocol.contains("TCP") && (by_port || protocol.contains("UDP"));
        (!by_udp).then_some(asked)
    }

    fn read(range: &str) -> Option<Self> {
        let mut numbers = range.split('-').map(|number| number.trim().parse::<u8>());
        let data = numbers.next()?.ok()?;
        let reports = numbers.next().and_then(Result::ok).unwrap_or(data.wrapping_add(1));
        Some(Self { data, reports })
    }
}

/// A session: its name, which every later request repeats, and how long it lasts unless it is kept alive.
pub(crate) struct SessionName {
    pub(crate) id: String,
    /// In seconds, where the camera says it.
    pub(crate) lasts: Option<u32>,
}

impl SessionName {
    pub(crate) fn read(header: &str) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let id = parts.next()?.to_owned();
        let lasts = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let digits = value.trim().trim_start_matches('"');
            let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
            name.trim().eq_ignore_ascii_case("timeout").then(|| digits.parse().ok()).flatten()
        });
        (is_plain(&id) && id.len() <= 256).then_some(Self { id, lasts: lasts.filter(|seconds| *seconds > 0) })
    }
}

/// Where the time of each stream begins, in the order of the streams, of which there are `count` (RFC 2326, section 12.33).
/// `None` unless it is told of all of them.
pub(crate) fn origins(header: &str, count: usize) -> Option<Vec<u32>> {
    let origin = |stream: &str| {
        let pairs = stream.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("rtptime"))?.1.trim().parse().ok()
    };
    let told: Vec<u32> = header.split(',').map(origin).collect::<Option<_>>()?;
    (told.len() == count).then_some(told)
}

/// The addresses under which a stream may be known, likeliest first: RFC 2326 and the habits of cameras differ, so where one
/// is refused the next is tried. They only ever go into a request on the connection that is there: nothing is looked up.
pub(crate) fn addresses(asked: &Url, base: Option<&str>, control: Option<&str>) -> Vec<String> {
    let asked = asked.as_str();
    let base = base.map(str::trim).filter(|base| is_rtsp(base) && is_plain(base)).unwrap_or(asked);
    let Some(control) = control.map(str::trim).filter(|control| !matches!(*control, "" | "*")) else {
        return distinct([base, asked].map(str::to_owned));
    };
    let control = escaped(control);
    if is_rtsp(&control) {
        return distinct([control]);
    }
    let resolved =
        |base: &str| Some(Url::parse(base).ok()?.join(&control).ok()?.to_string()).filter(|url| is_rtsp(url));
    let places =
        [Some(behind(base, &control)), Some(behind(asked, &control)), resolved(base), resolved(asked)];
    distinct(places.into_iter().flatten())
}

/// The habit of most: what the stream is called is put behind the address, its query included.
fn behind(base: &str, control: &str) -> String {
    if control.starts_with('?') || base.ends_with('/') {
        return format!("{base}{}", control.strip_prefix('/').unwrap_or(control));
    }
    format!("{base}/{}", control.strip_prefix('/').unwrap_or(control))
}

fn distinct(addresses: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for address in addresses {
        if address.len() <= 2_048 && !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}

fn is_rtsp(address: &str) -> bool {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("rtsp" | "rtspu" | "rtsps"))
}

/// Whether it can stand in a line of a request.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What cannot stand in a line of a request is written by its code.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        if byte.is_ascii_graphic() {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Channels = Channels { data: 2, reports: 3 };

    #[test]
    fn channels_are_what_the_camera_says_or_what_was_asked() {
        let agreed =
            |transport| Channels::agreed(transport, ASKED).map(|agreed| (agreed.data, agreed.reports));
        assert_eq!(agreed(None), Some((2, 3)));
        assert_eq!(agreed(Some("RTP/AVP/TCP;unicast")), Some((2, 3)));
        assert_eq!(agreed(Some("")), Some((2, 3)));
        assert_eq!(agreed(Some("rtp/avp/tcp; unicast; Interleaved = 8-9;mode=\"play\"")), Some((8, 9)));
        assert_eq!(agreed(Some("RTP/AVP;unicast;interleaved=4")), Some((4, 5)));
        assert_eq!(agreed(Some("RTP/AVP/TCP;interleaved=x-y")), Some((2, 3)));
        assert_eq!(agreed(Some("RTP/AVP/TCP;interleaved=900-901")), Some((2, 3)));
        assert_eq!(agreed(Some("RTP/AVP/TCP;unicast;client_port=1-2")), Some((2, 3)));
        assert_eq!(agreed(Some("RTP/AVP;unicast;client_port=5000-5001;server_port=1-2")), None);
        assert_eq!(agreed(Some("RTP/AVP/UDP;unicast")), None);
    }

    #[test]
    fn a_session_has_a_name_and_may_have_an_end() {
        let read = |header| SessionName::read(header).map(|name| (name.id, name.lasts));
        assert_eq!(read("12345678"), Some(("12345678".into(), None)));
        assert_eq!(read(" 556A;timeout=0"), Some(("556A".into(), None)));
        assert_eq!(read("556A ; Timeout = 30s"), Some(("556A".into(), Some(30))));
        assert_eq!(read("a;timeout=\"15\""), Some(("a".into(), Some(15))));
        assert_eq!(read("a;timeout=-5;b"), Some(("a".into(), None)));
        assert!(read(";timeout=5").is_none() && read("a b").is_none());
    }

    #[test]
    fn a_common_beginning_is_told_of_all_streams_or_of_none() {
        assert_eq!(
            origins("url=rtsp://cam/t1;seq=5;rtptime=1000, url=t2;rtptime=7", 2),
            Some(vec![1_000, 7])
        );
        assert!(origins("url=;seq=;rtptime=", 1).is_none() && origins("", 0).is_none());
        assert!(origins("url=a;rtptime=1", 2).is_none() && origins("rtptime=-1", 1).is_none());
    }

    #[test]
    fn a_streams_address_is_looked_for_where_cameras_put_it() {
        let asked = Url::parse("rtsp://cam/live?channel=1").unwrap();
        let first = |base, control| addresses(&asked, base, control).remove(0);
        assert_eq!(first(Some("rtsp://cam/live/"), Some("track1")), "rtsp://cam/live/track1");
        assert_eq!(first(Some("rtsp://cam/live"), Some("/track1")), "rtsp://cam/live/track1");
        assert_eq!(first(None, Some("track 1")), "rtsp://cam/live?channel=1/track%201");
        assert_eq!(first(None, Some("?track=1")), "rtsp://cam/live?channel=1?track=1");
        assert_eq!(first(Some("/live/"), Some("*")), "rtsp://cam/live?channel=1");
        assert_eq!(first(Some("http://other/"), None), "rtsp://cam/live?channel=1");
        let elsewhere = "rtsp://10.0.0.1/x";
        assert_eq!(addresses(&asked, None, Some(elsewhere)), [elsewhere]);
        assert_eq!(
            addresses(&asked, Some("rtsp://cam/a/"), Some("t")),
            ["rtsp://cam/a/t", "rtsp://cam/live?channel=1/t", "rtsp://cam/t"]
        );
        assert!(addresses(&asked, None, Some(&"x".repeat(9_000))).is_empty());
    }
}
