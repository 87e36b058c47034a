//! Before a camera is added: which there are on the home's network, and whether one's pictures come.

use porchlight_camera::{AddressError, Credentials, parse_address};
use porchlight_protocol::{CameraTried, FindCameras, FoundCamera, TryCamera};
use url::Url;
use zeroize::Zeroizing;

use crate::{ClientError, Member};

/// How an RTSP address begins.
const RTSP: &str = "rtsp://";

impl Member {
    /// Cameras on the home's network that speak ONVIF; or at one address, which no question to everybody reaches.
    pub fn find_cameras(&self, at: Option<&str>) -> Result<Vec<FoundCamera>, ClientError> {
        self.http.post("/api/cameras/find", &FindCameras { at: at.map(str::to_owned) })
    }

    /// Tries a camera by an RTSP address, or by the one where it speaks ONVIF; user and password stand in it, if it wants them.
    pub fn try_camera(&self, address: &str) -> Result<CameraTried, ClientError> {
        let (address, credentials) = apart(address)?;
        let (user, password) = match &credentials {
            Some(credentials) => (credentials.user().to_owned(), credentials.password().to_owned()),
            None => Default::default(),
        };
        self.http.post("/api/cameras/try", &TryCamera { address, user, password })
    }

    /// The RTSP address of a camera's stream: as it was given, or as the camera says where it was given by the one where it speaks ONVIF.
    pub fn stream_of(&self, address: &str) -> Result<(Zeroizing<String>, Option<CameraTried>), ClientError> {
        if is_stream(address) {
            return Ok((Zeroizing::new(address.to_owned()), None));
        }
        let (_, credentials) = apart(address)?;
        let tried = self.try_camera(address)?;
        match (&tried.trouble, &tried.chosen) {
            (None, Some(chosen)) => Ok((with(chosen, credentials.as_ref())?, Some(tried))),
            (Some(why), _) => Err(ClientError::Bad(why.text.clone())),
            (None, None) => Err(ClientError::Bad("the camera names no stream".to_owned())),
        }
    }
}

fn is_stream(address: &str) -> bool {
    address.trim().get(..RTSP.len()).is_some_and(|start| start.eq_ignore_ascii_case(RTSP))
}

/// An address, and who signs in there.
fn apart(address: &str) -> Result<(String, Option<Credentials>), ClientError> {
    let bad = |why: AddressError| ClientError::Bad(why.to_string());
    let address = address.trim();
    if is_stream(address) {
        let (url, credentials) = parse_address(address).map_err(bad)?;
        return Ok((url.into(), credentials));
    }
    let rest = match address.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some(_) => return Err(bad(AddressError::NotRtsp)),
        None => address,
    };
    let (url, credentials) = parse_address(&Zeroizing::new(format!("{RTSP}{rest}"))).map_err(bad)?;
    Ok((url.as_str().replacen(RTSP, "http://", 1), credentials))
}

/// An address with who signs in there.
fn with(stream: &str, credentials: Option<&Credentials>) -> Result<Zeroizing<String>, ClientError> {
    let unreadable =
        || ClientError::Bad("the address that the camera gives for its stream cannot be read".to_owned());
    let mut url = Url::parse(stream).map_err(|_| unreadable())?;
    if let Some(credentials) = credentials {
        url.set_username(credentials.user()).map_err(|()| unreadable())?;
        url.set_password(Some(credentials.password())).map_err(|()| unreadable())?;
    }
    Ok(Zeroizing::new(url.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_with_letters_of_an_address_in_it_comes_through() {
        let (address, credentials) = apart("http://admin:p%40ss%2Fw%3A%23@192.168.1.20:8000").unwrap();
        assert_eq!(address, "http://192.168.1.20:8000");
        let credentials = credentials.unwrap();
        assert_eq!((credentials.user(), credentials.password()), ("admin", "p@ss/w:#"));
        let whole = with("rtsp://192.168.1.20/main", Some(&credentials)).unwrap();
        let (url, again) = parse_address(&whole).unwrap();
        assert_eq!((url.as_str(), again.unwrap().password()), ("rtsp://192.168.1.20/main", "p@ss/w:#"));
        assert_eq!(apart("192.168.1.20").unwrap().0, "http://192.168.1.20");
        assert!(apart("").is_err() && apart("https://192.168.1.20").is_err());
    }
}
