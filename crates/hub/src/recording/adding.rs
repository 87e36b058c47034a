//! Before a camera is added: looking for cameras on the home's network, asking one for its streams, and trying whether its pictures come.
//!
//! Nothing of it is kept. What is seen of a camera that is tried is a look all the same, and is in the ledger before it is shown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::future::join_all;
use porchlight_camera::onvif::{self, OnvifError, StreamFound, Streams};
use porchlight_camera::{AddressError, Credentials, Source, parse_address, try_out};
use porchlight_household::{DeviceKind, Owner};
use porchlight_protocol::{
    CameraStream, CameraTried, FindCameras, FoundCamera, LineKind, Message, TryCamera,
};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::ledger;
use crate::messages::Coded;
use crate::state::Hub;

/// Where cameras speak ONVIF, the usual port first.
const PORTS: [u16; 6] = [80, 8080, 8000, 8899, 2020, 5000];
/// How long a port has to take a connection.
const CONNECTS: Duration = Duration::from_millis(1_500);
/// Most have it there.
const SERVICE: &str = "/onvif/device_service";

/// Looks for cameras on the home's network.
///
/// # Errors
/// Where it cannot be asked, or others look already.
pub async fn find(hub: &Hub, asked: &FindCameras) -> Result<Vec<FoundCamera>, Error> {
    let at = asked.at.as_deref().map(str::parse::<SocketAddr>).transpose();
    let at = at.map_err(|_| Error::bad("that is no address; it looks like 192.168.1.20:3702"))?;
    let _turn = hub.cameras.trying.try_acquire().map_err(|_| others_try())?;
    let found = onvif::find_cameras(at).await.map_err(|why| Error::unavailable(why.message()))?;
    let home = hub.home();
    let known = |found: &Url| {
        let cameras = home.household.devices.iter().filter(|device| device.kind == DeviceKind::Camera);
        let mut there = cameras.filter(|camera| {
            camera.address.as_ref().is_some_and(|address| address.host_str() == found.host_str())
        });
        there.next().map(|camera| camera.name.clone())
    };
    let shown = found.into_iter().map(|camera| FoundCamera {
        known: known(&camera.service),
        host: camera.service.host_str().unwrap_or_default().to_owned(),
        address: camera.service.to_string(),
        name: camera.name,
        model: camera.model,
    });
    Ok(shown.collect())
}

/// Tries a camera: which streams it has, and a picture of the one that is to be recorded, or why there is none.
///
/// # Errors
/// Where what was given is no address, others try already, or the look cannot be written down.
pub async fn try_camera(hub: &Arc<Hub>, by: &Owner, asked: TryCamera) -> Result<CameraTried, Error> {
    let place = Place::of(&asked)?;
    let _turn = hub.cameras.trying.try_acquire().map_err(|_| others_try())?;
    let usual = place.credentials().is_some_and(Credentials::is_as_delivered);
    let mut tried = CameraTried { usual_password: usual, ..CameraTried::default() };
    let host = place.host().to_owned();
    let (chosen, credentials) = match place {
        Place::Stream(url, credentials) => (url, credentials),
        Place::Camera(url, credentials) => match streams(url, credentials.clone()).await {
            Ok(Streams { model, streams }) => {
                let url = streams
                    .iter()
                    .find(|one| one.is_recorded())
                    .or(streams.first())
                    .map(|one| one.url.clone());
                tried.model = model;
                tried.streams = streams.into_iter().map(shown).collect();
                let Some(url) = url else { return Ok(without(tried, OnvifError::NoStream.message())) };
                (url, credentials)
            }
            Err(why) => return Ok(without(tried, why.message())),
        },
    };
    tried.chosen = Some(chosen.to_string());
    let segment = match try_out(&Source { url: chosen, credentials, sound: false }).await {
        Ok(segment) => segment,
        Err(why) => return Ok(without(tried, why.message())),
    };
    let detail = json!({ "v": 1, "who": by.person(), "host": host, "at": hub.now() });
    ledger::write(hub, LineKind::CameraTried, detail).await?;
    (tried.width, tried.height, tried.media_type) = (segment.width, segment.height, segment.media_type());
    tried.picture = Some(BASE64_STANDARD.encode(&*segment.bytes));
    Ok(tried)
}

fn others_try() -> Error {
    Error::too_many(Message::new(
        "cameras-being-tried",
        "cameras are being looked for already; try again in a moment",
    ))
}

fn without(tried: CameraTried, why: Message) -> CameraTried {
    CameraTried { trouble: Some(why), ..tried }
}

fn shown(stream: StreamFound) -> CameraStream {
    CameraStream {
        recorded: stream.is_recorded(),
        name: stream.name,
        codec: stream.codec,
        width: stream.width,
        height: stream.height,
        address: stream.url.to_string(),
    }
}

/// What somebody gave as a camera's address.
enum Place {
    /// Of a stream of it.
    Stream(Url, Option<Credentials>),
    /// Of the camera itself, with the port and path where it speaks ONVIF, if that is known.
    Camera(Url, Option<Credentials>),
}

impl Place {
    fn of(asked: &TryCamera) -> Result<Place, Error> {
        let address = asked.address.trim();
        let given =
            (!asked.user.is_empty()).then(|| Credentials::new(asked.user.as_str(), asked.password.as_str()));
        if address.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("rtsp://")) {
            let (url, own) = parse_address(address).map_err(|why| Error::bad(why.message()))?;
            return Ok(Place::Stream(url, given.or(own)));
        }
        let address = match address.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(Error::bad(AddressError::NotRtsp.message())),
            None => address,
        };
        // It is read as an address of film is, so that the same is wrong with it.
        let whole = Zeroizing::new(format!("rtsp://{address}"));
        let (url, own) = parse_address(&whole).map_err(|why| Error::bad(why.message()))?;
        let http = Zeroizing::new(url.as_str().replacen("rtsp://", "http://", 1));
        let url = Url::parse(&http).map_err(|_| Error::bad(AddressError::Unreadable.message()))?;
        Ok(Place::Camera(url, given.or(own)))
    }

    fn credentials(&self) -> Option<&Credentials> {
        match self {
            Place::Stream(_, credentials) | Place::Camera(_, credentials) => credentials.as_ref(),
        }
    }

    fn host(&self) -> &str {
        match self {
            Place::Stream(url, _) | Place::Camera(url, _) => url.host_str().unwrap_or_default(),
        }
    }
}

/// Asks a camera for its streams, at the port that was given or at those where cameras have ONVIF.
async fn streams(url: Url, credentials: Option<Credentials>) -> Result<Streams, OnvifError> {
    let mut services = Vec::new();
    if url.port().is_some() || url.path().len() > 1 {
        services.push(url);
    } else {
        let open = join_all(PORTS.map(|port| is_open(&url, port))).await;
        for port in PORTS.into_iter().zip(open).filter_map(|(port, open)| open.then_some(port)) {
            let mut service = url.clone();
            if service.set_port(Some(port)).is_ok() {
                services.push(service);
            }
        }
    }
    let mut why = OnvifError::NoAnswer;
    for mut service in services {
        if service.path().len() <= 1 {
            service.set_path(SERVICE);
        }
        let credentials = credentials.clone();
        let asked = tokio::task::spawn_blocking(move || onvif::streams(&service, credentials.as_ref())).await;
        match asked.unwrap_or(Err(OnvifError::Garbage)) {
            // Something else listens there.
            Err(other @ (OnvifError::NotSpoken | OnvifError::NoAnswer | OnvifError::Garbage)) => why = other,
            done => return done,
        }
    }
    Err(why)
}

async fn is_open(url: &Url, port: u16) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    timeout(CONNECTS, TcpStream::connect((host, port))).await.is_ok_and(|connected| connected.is_ok())
}
