//! What a camera says of itself and its streams.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roxmltree::Node;
use url::Url;

use super::error::OnvifError;
use super::soap::{Caller, escaped, find, read, text_of};
use crate::Credentials;

/// A camera has a few profiles; of more the rest is not asked for.
const MOST_STREAMS: usize = 8;
/// What a camera calls itself or a stream, in characters.
const MOST_LETTERS: usize = 80;

const DEVICE: &str = "http://www.onvif.org/ver10/device/wsdl";
const MEDIA_1: &str = "http://www.onvif.org/ver10/media/wsdl";
const MEDIA_2: &str = "http://www.onvif.org/ver20/media/wsdl";

/// A camera's streams, the largest first: it is the one to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Streams {
    /// Its maker and model, as it has them.
    pub model: Option<String>,
    /// At least one.
    pub streams: Vec<StreamFound>,
}

/// One stream.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamFound {
    /// What the camera calls it.
    pub name: String,
    /// `H264`, `H265`, `JPEG` and the like, where it says so.
    pub codec: Option<String>,
    /// Width of the picture in pixels; 0 where it is not said.
    pub width: u32,
    /// Height of the picture in pixels; 0 where it is not said.
    pub height: u32,
    /// Its RTSP address on the host that was asked, without user and password.
    pub url: Url,
}

impl StreamFound {
    /// Whether it can be recorded, as far as it is said what it is.
    pub fn is_recorded(&self) -> bool {
        self.codec.as_deref().is_none_or(|codec| ["H264", "H265"].contains(&codec))
    }
}

/// Asks a camera for its streams. Blocks for some seconds where it is slow.
///
/// `service` is the address of its device service; most have it at `/onvif/device_service`.
///
/// # Errors
/// Why it does not say.
pub fn streams(service: &Url, credentials: Option<&Credentials>) -> Result<Streams, OnvifError> {
    let mut caller = Caller::new(credentials);
    // Whoever speaks ONVIF tells the time to anybody; and what does not, does not speak it.
    let call = format!("<GetSystemDateAndTime xmlns=\"{DEVICE}\"/>");
    match caller.call(service, &call, false) {
        Ok(answer) => caller.ahead = ahead(&answer)?,
        // Some want to know who asks for that too. Their clock is taken for right.
        Err(OnvifError::PasswordNeeded | OnvifError::WrongPassword) if credentials.is_some() => {}
        Err(why) => return Err(why),
    }
    let model = model(&mut caller, service)?;
    let (media, version) = media(&mut caller, service)?;
    let mut found = profiles(&mut caller, &media, version)?;
    if found.is_empty() {
        return Err(OnvifError::NoStream);
    }
    let size = |one: &StreamFound| (one.is_recorded(), u64::from(one.width) * u64::from(one.height));
    found.sort_by_key(|one| std::cmp::Reverse(size(one)));
    found.dedup_by(|one, other| one.url == other.url);
    Ok(Streams { model, streams: found })
}

fn ahead(answer: &str) -> Result<jiff::SignedDuration, OnvifError> {
    let document = read(answer)?;
    if find(document.root(), "GetSystemDateAndTimeResponse").is_none() {
        return Err(OnvifError::NotSpoken);
    }
    // One that does not know its own time is asked by ours.
    let at = find(document.root(), "UTCDateTime").and_then(instant);
    Ok(at.map_or(jiff::SignedDuration::ZERO, |at| at.duration_since(Timestamp::now())))
}

fn instant(utc: Node<'_, '_>) -> Option<Timestamp> {
    let number = |of: Node<'_, '_>, name: &str| text_of(of, name)?.parse::<i16>().ok();
    let (day, time) = (find(utc, "Date")?, find(utc, "Time")?);
    let small = |value: i16| i8::try_from(value).ok();
    let (month, on) = (small(number(day, "Month")?)?, small(number(day, "Day")?)?);
    let (hour, minute) = (small(number(time, "Hour")?)?, small(number(time, "Minute")?)?);
    let second = small(number(time, "Second")?)?;
    let year = number(day, "Year").filter(|year| (1970..2200).contains(year))?;
    let day = jiff::civil::Date::new(year, month, on).ok()?;
    let at = jiff::civil::Time::new(hour, minute, second.min(59), 0).ok()?;
    TimeZone::UTC.to_timestamp(day.to_datetime(at)).ok()
}

/// Its maker and model. That it does not tell them is no reason to go no further; that it wants to know who asks is.
fn model(caller: &mut Caller<'_>, service: &Url) -> Result<Option<String>, OnvifError> {
    let answer = match caller.call(service, &format!("<GetDeviceInformation xmlns=\"{DEVICE}\"/>"), true) {
        Ok(answer) => answer,
        Err(why @ (OnvifError::PasswordNeeded | OnvifError::WrongPassword)) => return Err(why),
        Err(_) => return Ok(None),
    };
    let document = read(&answer)?;
    let words = ["Manufacturer", "Model"].map(|name| text_of(document.root(), name));
    let words: Vec<String> = words.into_iter().flatten().collect();
    Ok((!words.is_empty()).then(|| plain(&words.join(" "))))
}

/// Where its media service is, and of which version: the second, where it has that, names H.265 as well.
fn media(caller: &mut Caller<'_>, service: &Url) -> Result<(Url, u8), OnvifError> {
    let call =
        format!("<GetServices xmlns=\"{DEVICE}\"><IncludeCapability>false</IncludeCapability></GetServices>");
    if let Ok(answer) = caller.call(service, &call, true) {
        let document = read(&answer)?;
        let at = |namespace: &str| {
            let services = document.descendants().filter(|node| node.tag_name().name() == "Service");
            let mut those = services.filter(|one| text_of(*one, "Namespace").as_deref() == Some(namespace));
            text_of(those.next()?, "XAddr").and_then(|at| on_host_of(service, &at, "http"))
        };
        if let Some(media) = at(MEDIA_2) {
            return Ok((media, 2));
        }
        if let Some(media) = at(MEDIA_1) {
            return Ok((media, 1));
        }
    }
    let call = format!("<GetCapabilities xmlns=\"{DEVICE}\"><Category>All</Category></GetCapabilities>");
    let answer = caller.call(service, &call, true)?;
    let document = read(&answer)?;
    let media = find(document.root(), "Media").and_then(|media| text_of(media, "XAddr"));
    // One that does not say has it where the rest is.
    Ok((media.and_then(|at| on_host_of(service, &at, "http")).unwrap_or_else(|| service.clone()), 1))
}

fn profiles(caller: &mut Caller<'_>, media: &Url, version: u8) -> Result<Vec<StreamFound>, OnvifError> {
    let call = match version {
        2 => format!("<GetProfiles xmlns=\"{MEDIA_2}\"><Type>VideoEncoder</Type></GetProfiles>"),
        _ => format!("<GetProfiles xmlns=\"{MEDIA_1}\"/>"),
    };
    let answer = caller.call(media, &call, true)?;
    let document = read(&answer)?;
    let mut found = Vec::new();
    let mut trouble = None;
    let those =
        document.descendants().filter(|node| node.is_element() && node.tag_name().name() == "Profiles");
    for profile in those.take(MOST_STREAMS) {
        let Some(token) = profile.attribute("token") else { continue };
        match address(caller, media, version, token) {
            Ok(Some(url)) => found.push(stream(profile, url)),
            Ok(None) => {}
            Err(why) => trouble = Some(why),
        }
    }
    // What one profile refuses costs the others nothing.
    match trouble {
        Some(why) if found.is_empty() => Err(why),
        _ => Ok(found),
    }
}

fn stream(profile: Node<'_, '_>, url: Url) -> StreamFound {
    let encoder = ["VideoEncoderConfiguration", "VideoEncoder"].iter().find_map(|name| find(profile, name));
    let number = |name: &str| {
        let resolution = find(encoder?, "Resolution")?;
        text_of(resolution, name)?.parse::<u32>().ok().filter(|pixels| *pixels <= 1 << 15)
    };
    StreamFound {
        name: text_of(profile, "Name").map(|name| plain(&name)).unwrap_or_default(),
        codec: encoder
            .and_then(|encoder| text_of(encoder, "Encoding"))
            .map(|codec| plain(&codec.to_uppercase().replace('.', ""))),
        width: number("Width").unwrap_or(0),
        height: number("Height").unwrap_or(0),
        url,
    }
}

fn address(
    caller: &mut Caller<'_>,
    media: &Url,
    version: u8,
    token: &str,
) -> Result<Option<Url>, OnvifError> {
    let token = escaped(token);
    let token = token.as_str();
    let call = match version {
        2 => format!(
            "<GetStreamUri xmlns=\"{MEDIA_2}\"><Protocol>RTSP</Protocol><ProfileToken>{token}</ProfileToken></GetStreamUri>"
        ),
        _ => format!(
            "<GetStreamUri xmlns=\"{MEDIA_1}\"><StreamSetup><Stream xmlns=\"http://www.onvif.org/ver10/schema\">RTP-Unicast</Stream>\
             <Transport xmlns=\"http://www.onvif.org/ver10/schema\"><Protocol>RTSP</Protocol></Transport></StreamSetup>\
             <ProfileToken>{token}</ProfileToken></GetStreamUri>"
        ),
    };
    let answer = caller.call(media, &call, true)?;
    let document = read(&answer)?;
    Ok(text_of(document.root(), "Uri").and_then(|at| on_host_of(media, &at, "rtsp")))
}

/// An address that a camera gives, on the host that was asked: behind another network it names one of its own that leads nowhere from here,
/// and one that lies would have the hub ask somebody else. User and password in it are not taken.
fn on_host_of(asked: &Url, given: &str, scheme: &str) -> Option<Url> {
    let mut url = Url::parse(given).ok().filter(|url| url.scheme() == scheme)?;
    url.set_host(asked.host_str()).ok()?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// A camera's own words, as far as they are shown: on one line, and not long.
pub(super) fn plain(words: &str) -> String {
    words
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MOST_LETTERS)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn no_address_leads_to_another_host() {
        let asked = url("http://192.168.1.20:8080/onvif/device_service");
        let on_host = |given: &str| on_host_of(&asked, given, "rtsp").map(String::from);
        assert_eq!(
            on_host("rtsp://admin:secret@10.0.0.9:8554/main?x=1#y").as_deref(),
            Some("rtsp://192.168.1.20:8554/main?x=1")
        );
        assert_eq!(on_host("http://192.168.1.20/main"), None);
        assert_eq!(on_host("nonsense"), None);
    }

    #[test]
    fn a_cameras_clock_is_read_and_nonsense_in_it_is_no_time() {
        let answer = |day: &str, hour: &str| {
            format!(
                "<e xmlns:tt=\"t\"><GetSystemDateAndTimeResponse><SystemDateAndTime><tt:UTCDateTime><tt:Time><tt:Hour>{hour}</tt:Hour>\
                 <tt:Minute>30</tt:Minute><tt:Second>5</tt:Second></tt:Time><tt:Date><tt:Year>2020</tt:Year><tt:Month>2</tt:Month>\
                 <tt:Day>{day}</tt:Day></tt:Date></tt:UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse></e>"
            )
        };
        let there = Timestamp::now() + ahead(&answer("29", "12")).unwrap();
        assert_eq!(there.strftime("%Y-%m-%dT%H:%M").to_string(), "2020-02-29T12:30");
        assert_eq!(ahead(&answer("29", "99")).unwrap(), jiff::SignedDuration::ZERO);
        assert_eq!(ahead("<html/>"), Err(OnvifError::NotSpoken));
    }
}
