//! Looking for cameras on the home's network (WS-Discovery, April 2005): who hears the question answers with where it is.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::device::plain;
use super::error::OnvifError;
use super::soap::{find, read, text_of};

/// Where cameras listen for the question.
const EVERYBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 255, 255, 250)), 3702);
/// How long they have to answer; the standard lets them wait for half a second before they do.
const PATIENCE: Duration = Duration::from_secs(3);
/// After so long it is asked once more: what is asked by UDP gets lost.
const AGAIN: Duration = Duration::from_millis(700);
/// More answer in no home.
const MOST: usize = 64;
/// More than an answer has.
const MOST_BYTES: usize = 16 << 10;

/// A camera that answered.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraFound {
    /// What it calls itself, if it says so.
    pub name: Option<String>,
    /// Its model, if it says so.
    pub model: Option<String>,
    /// Where it can be asked for its streams.
    pub service: Url,
}

/// Asks the home's network for cameras, or those at one address that no question to everybody reaches. In the order of their addresses.
///
/// # Errors
/// [`OnvifError::NoNetwork`] where nothing can be asked.
pub async fn find_cameras(at: Option<SocketAddr>) -> Result<Vec<CameraFound>, OnvifError> {
    let places = match at {
        Some(at) => {
            vec![(if at.ip().is_loopback() { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED }, at)]
        }
        None => cards().into_iter().map(|card| (card, EVERYBODY)).collect(),
    };
    let asked = places.into_iter().map(|(from, to)| ask(from, to));
    let answers: Vec<_> = futures::future::join_all(asked).await;
    let mut found = BTreeMap::new();
    if !answers.iter().any(Result::is_ok) {
        return Err(OnvifError::NoNetwork);
    }
    for answered in answers.into_iter().flatten() {
        found.extend(answered);
    }
    Ok(found.into_values().take(MOST).collect())
}

/// The addresses of this computer's network cards.
fn cards() -> Vec<Ipv4Addr> {
    let all = if_addrs::get_if_addrs().unwrap_or_default().into_iter();
    all.filter_map(|card| match card.ip() {
        IpAddr::V4(address) if !address.is_loopback() => Some(address),
        _ => None,
    })
    .collect()
}

/// Asks from one card, and gathers what is answered until nobody has time any more.
async fn ask(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<BTreeMap<IpAddr, CameraFound>> {
    let socket = UdpSocket::bind((from, 0)).await?;
    socket.set_multicast_ttl_v4(1)?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| std::io::Error::other("this computer gives no random numbers"))?;
    let id = uuid(&id);
    let question = probe(&id);
    socket.send_to(question.as_bytes(), to).await?;
    let (end, again) = (Instant::now() + PATIENCE, Instant::now() + AGAIN);
    let (mut asked_again, mut found) = (false, BTreeMap::new());
    let mut answer = vec![0; MOST_BYTES];
    while found.len() < MOST {
        let until = if asked_again { end } else { again };
        match timeout_at(until, socket.recv_from(&mut answer)).await {
            Ok(Ok((length, from))) => {
                let text = String::from_utf8_lossy(&answer[..length]);
                if let Some(camera) = heard(&text, &id, from.ip()) {
                    found.entry(from.ip()).or_insert(camera);
                }
            }
            // Nobody listens at that one address.
            Ok(Err(_)) => break,
            Err(_) if asked_again => break,
            Err(_) => {
                asked_again = true;
                socket.send_to(question.as_bytes(), to).await?;
            }
        }
    }
    Ok(found)
}

fn uuid(random: &[u8; 16]) -> String {
    let mut bytes = *random;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn probe(id: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:w=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" \
         xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\"><e:Header><w:MessageID>{id}</w:MessageID>\
         <w:To e:mustUnderstand=\"true\">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>\
         <w:Action e:mustUnderstand=\"true\">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>\
         <e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
    )
}

/// A camera, where this is an answer to the question that was asked. It is where it answers from, whatever it says.
fn heard(text: &str, id: &str, from: IpAddr) -> Option<CameraFound> {
    let document = read(text).ok()?;
    let relates = text_of(document.root(), "RelatesTo")?;
    if !relates.eq_ignore_ascii_case(id) {
        return None;
    }
    let one = find(document.root(), "ProbeMatch")?;
    let own = |at: &&str| {
        let url = Url::parse(at).ok()?;
        (url.scheme() == "http" && url.host_str() == Some(&in_url(from))).then_some(url)
    };
    let given = text_of(one, "XAddrs").unwrap_or_default();
    let service = given.split_whitespace().take(8).find_map(|at| own(&at));
    let usual = || Url::parse(&format!("http://{}/onvif/device_service", in_url(from))).ok();
    let scopes = text_of(one, "Scopes").unwrap_or_default();
    let scope = |kind: &str| {
        let prefix = format!("onvif://www.onvif.org/{kind}/");
        let words = scopes.split_whitespace().find_map(|scope| scope.strip_prefix(prefix.as_str()))?;
        let words = plain(&percent_encoding::percent_decode_str(words).decode_utf8_lossy());
        (!words.is_empty()).then_some(words)
    };
    Some(CameraFound { name: scope("name"), model: scope("hardware"), service: service.or_else(usual)? })
}

/// An address as it stands in a URL.
fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "uuid:00000000-0000-4000-8000-000000000001";

    fn answer(id: &str, addresses: &str) -> String {
        format!(
            "<s:Envelope xmlns:s=\"a\" xmlns:w=\"b\" xmlns:d=\"c\"><s:Header><w:RelatesTo>{id}</w:RelatesTo></s:Header><s:Body><d:ProbeMatches>\
             <d:ProbeMatch><d:Scopes>onvif://www.onvif.org/Profile/Streaming onvif://www.onvif.org/name/Front%20door \
             onvif://www.onvif.org/hardware/DS-2CD</d:Scopes><d:XAddrs>{addresses}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
        )
    }

    #[test]
    fn a_camera_is_where_it_answers_from_whatever_it_says() {
        let from = "192.168.1.20".parse().unwrap();
        let service =
            |addresses: &str| heard(&answer(ID, addresses), ID, from).map(|found| found.service.to_string());
        let usual = "http://192.168.1.20/onvif/device_service";
        assert_eq!(
            service("http://169.254.1.1/a http://192.168.1.20:8080/onvif/device_service").as_deref(),
            Some("http://192.168.1.20:8080/onvif/device_service")
        );
        for elsewhere in ["http://10.0.0.1/onvif/device_service", "https://192.168.1.20/x", "nonsense", ""] {
            assert_eq!(service(elsewhere).as_deref(), Some(usual), "{elsewhere}");
        }
        let found = heard(&answer(ID, usual), ID, from).unwrap();
        assert_eq!((found.name.as_deref(), found.model.as_deref()), (Some("Front door"), Some("DS-2CD")));
        assert_eq!(heard(&answer("uuid:another", usual), ID, from), None, "to a question that nobody asked");
        assert_eq!(heard("<a/>", ID, from), None);
    }

    #[tokio::test]
    async fn what_answers_is_found_once_and_what_does_not_is_not_waited_for() {
        let camera = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = camera.local_addr().unwrap();
        let answering = tokio::spawn(async move {
            let mut question = vec![0; MOST_BYTES];
            loop {
                let (length, from) = camera.recv_from(&mut question).await.unwrap();
                let text = String::from_utf8_lossy(&question[..length]).into_owned();
                let id = text.split("<w:MessageID>").nth(1).unwrap().split('<').next().unwrap();
                for said in ["noise".to_owned(), answer(id, "http://127.0.0.1:8000/onvif/device_service")] {
                    camera.send_to(said.as_bytes(), from).await.unwrap();
                }
            }
        });
        let found = find_cameras(Some(at)).await.unwrap();
        answering.abort();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].service.as_str(), "http://127.0.0.1:8000/onvif/device_service");
    }
}
