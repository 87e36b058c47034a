//! Why a camera does not say by ONVIF what its streams are.

/// Each is a sentence that says what to do, and none repeats a password or the camera's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnvifError {
    /// Nothing there speaks ONVIF.
    #[error(
        "Nothing there speaks ONVIF; switch ONVIF on in the camera's settings, or give the whole RTSP address, which its manual has."
    )]
    NotSpoken,
    /// Nothing answers at all.
    #[error("The camera does not answer; check its power, its network and its address.")]
    NoAnswer,
    /// Its name leads nowhere.
    #[error("The camera's name is not known on this network; check its spelling, or use its IP address.")]
    UnknownName,
    /// It wants to know who asks.
    #[error(
        "The camera asks for a user name and a password; many want a user of ONVIF's own, made in their settings."
    )]
    PasswordNeeded,
    /// It refuses who asks.
    #[error(
        "The camera refuses the user name or the password; many want a user of ONVIF's own, made in their settings."
    )]
    WrongPassword,
    /// It speaks ONVIF, and names no stream.
    #[error("The camera names no stream by ONVIF; give the whole RTSP address, which its manual has.")]
    NoStream,
    /// What it answers is not what the standard has.
    #[error(
        "What answers does not speak ONVIF as the standard has it; give the whole RTSP address, which the camera's manual has."
    )]
    Garbage,
    /// It could not be looked for.
    #[error("Cameras cannot be looked for on this network; give the camera's address.")]
    NoNetwork,
}
