//! What a camera offers (SDP, RFC 8866): of each stream its format, its parameters and its address. Read line by line: what
//! is not needed is not looked at, so it cannot be wrong.

/// More streams than any camera offers.
const MOST_MEDIA: usize = 16;
const MOST_FORMATS: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Description {
    /// The address of all streams together.
    pub(crate) control: Option<String>,
    pub(crate) media: Vec<Media>,
}

#[derive(Debug)]
pub(crate) struct Media {
    pub(crate) kind: Kind,
    pub(crate) formats: Vec<Format>,
    /// The stream's address; the first where it has several.
    pub(crate) control: Option<String>,
    /// It is for us to send there (ONVIF's backchannel), or for nobody.
    pub(crate) not_sent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Video,
    Audio,
    Other,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Format {
    pub(crate) payload_type: u8,
    /// In lower case; empty where it is not told.
    pub(crate) encoding: String,
    /// Ticks a second; 0 where it is not told.
    pub(crate) clock: u32,
    pub(crate) channels: u8,
    parameters: Vec<(String, String)>,
}

impl Description {
    /// `None` if it is no description at all.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let mut description = Self::default();
        let mut known = false;
        for line in text.split(['\n', '\r']).map(str::trim) {
            let Some((kind, value)) = line.split_once('=') else { continue };
            match kind.trim() {
                "v" => known = true,
                "m" if description.media.len() < MOST_MEDIA => {
                    known = true;
                    description.media.push(Media::read(value));
                }
                "a" => match description.media.last_mut() {
                    Some(media) => media.learn(value.trim()),
                    None => description.learn(value.trim()),
                },
                _ => {}
            }
        }
        for media in &mut description.media {
            media.complete();
        }
        known.then_some(description)
    }

    fn learn(&mut self, attribute: &str) {
        if let Some(control) = value_of(attribute, "control")
            && self.control.is_none()
        {
            self.control = Some(control.to_owned());
        }
    }
}

impl Media {
    /// `video 0 RTP/AVP 96`, of which any part may be missing but the first.
    fn read(line: &str) -> Self {
        let mut words = line.split_ascii_whitespace();
        let kind = match words.next().map(str::to_ascii_lowercase).as_deref() {
            Some("video") => Kind::Video,
            Some("audio") => Kind::Audio,
            _ => Kind::Other,
        };
        let types = words.skip(2).filter_map(|word| word.parse().ok()).filter(|number: &u8| *number < 128);
        let formats = types
            .take(MOST_FORMATS)
            .map(|payload_type| Format { payload_type, ..Format::default() })
            .collect();
        Self { kind, formats, control: None, not_sent: false }
    }

    fn learn(&mut self, attribute: &str) {
        if let Some(map) = value_of(attribute, "rtpmap") {
            let Some((payload_type, encoding)) = numbered(map) else { return };
            let Some(format) = self.format(payload_type) else { return };
            let mut parts = encoding.split('/').map(str::trim);
            format.encoding = parts.next().unwrap_or_default().to_ascii_lowercase();
            format.clock = parts.next().and_then(|clock| clock.parse().ok()).unwrap_or(0);
            format.channels = parts.next().and_then(|channels| channels.parse().ok()).unwrap_or(0);
        } else if let Some(parameters) = value_of(attribute, "fmtp") {
            let Some((payload_type, parameters)) = numbered(parameters) else { return };
            let Some(format) = self.format(payload_type) else { return };
            let pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
            let pairs =
                pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            format.parameters.extend(pairs.take(MOST_FORMATS));
            format.parameters.truncate(MOST_FORMATS);
        } else if let Some(control) = value_of(attribute, "control") {
            if self.control.is_none() {
                self.control = Some(control.to_owned());
            }
        } else if ["sendonly", "inactive"].iter().any(|way| attribute.eq_ignore_ascii_case(way)) {
            self.not_sent = true;
        } else if ["sendrecv", "recvonly"].iter().any(|way| attribute.eq_ignore_ascii_case(way)) {
            self.not_sent = false;
        }
    }

    fn format(&mut self, payload_type: u8) -> Option<&mut Format> {
        let known = self.formats.iter().position(|format| format.payload_type == payload_type);
        let place = match known {
            Some(place) => place,
            None if self.formats.len() < MOST_FORMATS => {
                self.formats.push(Format { payload_type, ..Format::default() });
                self.formats.len() - 1
            }
            None => return None,
        };
        self.formats.get_mut(place)
    }

    /// What the number of a format says by itself (RFC 3551, table 4), or what its parameters say.
    fn complete(&mut self) {
        for format in &mut self.formats {
            let (encoding, clock, channels) = match (self.kind, format.payload_type) {
                (Kind::Audio, 0) => ("pcmu", 8_000, 1),
                (Kind::Audio, 3) => ("gsm", 8_000, 1),
                (Kind::Audio, 8) => ("pcma", 8_000, 1),
                (Kind::Audio, 9) => ("g722", 8_000, 1),
                (Kind::Audio, 10) => ("l16", 44_100, 2),
                (Kind::Audio, 11) => ("l16", 44_100, 1),
                (Kind::Audio, 14) => ("mpa", 90_000, 1),
                (Kind::Video, 26) => ("jpeg", 90_000, 0),
                (Kind::Video, 32) => ("mpv", 90_000, 0),
                (Kind::Video, 33) => ("mp2t", 90_000, 0),
                (Kind::Video, _) if format.parameter("sprop-vps").is_some() => ("h265", 90_000, 0),
                (Kind::Video, _)
                    if ["packetization-mode", "sprop-parameter-sets", "profile-level-id"]
                        .iter()
                        .any(|name| format.parameter(name).is_some()) =>
                {
                    ("h264", 90_000, 0)
                }
                (Kind::Video, _) => ("", 90_000, 0),
                _ => ("", 8_000, 1),
            };
            if format.encoding.is_empty() {
                format.encoding = encoding.to_owned();
            }
            if format.clock == 0 {
                format.clock = clock;
            }
            if format.channels == 0 {
                format.channels = channels;
            }
        }
    }
}

impl Format {
    /// A parameter of the format, by its name in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.parameter(name)?.parse().ok()
    }
}

/// `name:value`, or `None` if it is another attribute.
fn value_of<'a>(attribute: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = attribute.split_once(':')?;
    found.trim().eq_ignore_ascii_case(name).then(|| value.trim())
}

/// `96 what`.
fn numbered(value: &str) -> Option<(u8, &str)> {
    let (number, rest) = value.split_once(|between: char| between.is_ascii_whitespace())?;
    Some((number.parse().ok().filter(|number| *number < 128)?, rest.trim()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_needed_is_found_among_whatever_else() {
        let text = "v=0\no=- 1001 1 IN\ns=\nc=IN\nb=\nx\n=\na=control:rtsp://cam/all\na=tool:x\n\
            m=video 0 RTP/AVP 96 97\na=fmtp:96 Packetization-Mode=1; sprop-parameter-sets=Z0I=,aM4= ;x\n\
            a=rtpmap:97 H265/90000\na=RTPMAP:96  h264/90000\na=control: track1\na=control:track2\n\
            m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/16000/2\r\na=sendonly\r\nm=application 0 RTP/AVP 107\n";
        let description = Description::read(text.as_bytes()).unwrap();
        assert_eq!(description.control.as_deref(), Some("rtsp://cam/all"));
        let [video, sound, back, other] = &description.media[..] else { panic!("four streams") };
        assert_eq!((video.kind, video.control.as_deref()), (Kind::Video, Some("track1")));
        assert_eq!((video.formats[0].encoding.as_str(), video.formats[0].clock), ("h264", 90_000));
        assert_eq!(video.formats[0].parameter("sprop-parameter-sets"), Some("Z0I=,aM4="));
        assert_eq!(
            (video.formats[0].number("packetization-mode"), video.formats[1].encoding.as_str()),
            (Some(1), "h265")
        );
        assert_eq!(
            (sound.formats[0].encoding.as_str(), sound.formats[0].clock, sound.not_sent),
            ("pcmu", 8_000, false)
        );
        assert_eq!((back.formats[0].clock, back.formats[0].channels, back.not_sent), (16_000, 2, true));
        assert_eq!(other.kind, Kind::Other);
    }

    #[test]
    fn a_format_may_have_no_name_or_no_number() {
        let read = |text: &str| Description::read(text.as_bytes()).unwrap().media.remove(0).formats.remove(0);
        assert_eq!(read("m=video 0 RTP/AVP 96\na=fmtp:96 packetization-mode=1").encoding, "h264");
        assert_eq!(read("m=video 0 RTP/AVP 96\na=fmtp:96 sprop-vps=QAE=").encoding, "h265");
        assert_eq!(read("m=video\na=rtpmap:96 H264").clock, 90_000);
        assert_eq!(read("m=video 0 RTP/AVP 26").encoding, "jpeg");
        assert_eq!(read("m=audio 0 RTP/AVP 97").encoding, "");
    }

    #[test]
    fn what_is_no_description_is_none() {
        assert!(Description::read(b"hunter2").is_none());
        assert!(Description::read(b"<html>a=b</html>").is_none());
        assert!(Description::read(b"v=0").unwrap().media.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_comes_it_stays_small(text in "((m=video|m=audio|a=rtpmap:|a=fmtp:|a=control:|v=).{0,20}\n|.{0,9}\n){0,80}") {
            if let Some(description) = Description::read(text.as_bytes()) {
                prop_assert!(description.media.len() <= MOST_MEDIA);
                prop_assert!(description.media.iter().all(|media| media.formats.len() <= MOST_FORMATS));
            }
        }
    }
}
