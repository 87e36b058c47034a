//! What goes over the wire before a camera is added: which there are, and whether one's pictures come.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Message;

/// Asks for the cameras on the home's network.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindCameras {
    /// Ask at this address and port alone, which no question to everybody reaches; without it, everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A camera that answered. Its own words are what it says of itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FoundCamera {
    /// What it calls itself.
    pub name: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its IP address, by which two of one model are told apart.
    pub host: String,
    /// Where it can be tried.
    pub address: String,
    /// What the household calls it, where it has it already.
    pub known: Option<String>,
}

/// Asks for a camera to be tried.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryCamera {
    /// Its host name or IP address, where it speaks ONVIF (`http://192.168.1.20:8000`), or the RTSP address of a stream.
    pub address: String,
    /// Its user; empty where it asks for none.
    #[serde(default)]
    pub user: String,
    /// That user's password.
    #[serde(default)]
    pub password: String,
}

impl fmt::Debug for TryCamera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TryCamera(…)")
    }
}

/// What came of it.
#[derive(Default, Serialize, Deserialize, ToSchema)]
pub struct CameraTried {
    /// Its maker and model, where it says so.
    #[serde(default)]
    pub model: Option<String>,
    /// Its streams, the one to be recorded first; none where an RTSP address was given.
    #[serde(default)]
    pub streams: Vec<CameraStream>,
    /// The RTSP address that was tried and is to be recorded, without user and password.
    #[serde(default)]
    pub chosen: Option<String>,
    /// Width of its picture, in pixels; 0 where there is none.
    #[serde(default)]
    pub width: u32,
    /// Height of its picture, in pixels; 0 where there is none.
    #[serde(default)]
    pub height: u32,
    /// One picture, as film of that length, in base64.
    #[serde(default)]
    pub picture: Option<String>,
    /// The media type of that.
    #[serde(default)]
    pub media_type: String,
    /// Why there is no picture.
    #[serde(default)]
    pub trouble: Option<Message>,
    /// Whether its user and password are ones that cameras are delivered with.
    #[serde(default)]
    pub usual_password: bool,
}

impl fmt::Debug for CameraTried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CameraTried").field("streams", &self.streams.len()).finish_non_exhaustive()
    }
}

/// A stream of a camera, as it says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CameraStream {
    /// What the camera calls it.
    pub name: String,
    /// `H264`, `H265`, `JPEG` and the like.
    pub codec: Option<String>,
    /// Width of the picture, in pixels; 0 where it is not said.
    pub width: u32,
    /// Height of the picture, in pixels; 0 where it is not said.
    pub height: u32,
    /// Its RTSP address, without user and password.
    pub address: String,
    /// Whether it can be recorded, as far as it is said what it is.
    pub recorded: bool,
}
