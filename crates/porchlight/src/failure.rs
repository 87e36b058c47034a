//! What is said where a command fails, and its exit status: a sentence for people, or with `--json` one JSON object on a line of standard
//! error, `{"error": CODE, "message": SENTENCE}`, which is how the hub's API says it too.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::Parser;
use porchlight_client::ClientError;
use porchlight_hub::HubError;
use porchlight_server::ServeError;
use serde_json::json;

use crate::args::Arguments;
use crate::{commands, messages};

/// How a script proves again who it acts for.
const PROVE: &str = "porchlight session prove --my-passphrase-file FILE --my-totp-secret-file FILE\nor with these two beside this command, which also does what \
                     takes a proof made for it alone";
/// The same for what takes a proof of its own.
const PROVE_WITH_IT: &str = "--my-passphrase-file FILE, or the name of that file in PORCHLIGHT_PASSPHRASE_FILE\nand, where you proved who you are more than 15 minutes \
     ago, --my-totp-secret-file FILE";

/// The exit status of what was typed wrong, as of most programs.
const MISTYPED: u8 = 2;
/// That of what only takes another proof of who it is, and can be done once there is one.
const UNPROVEN: u8 = 3;
/// That of a receipt which is signed rightly, with a key that nobody here knows: neither good nor bad.
const KEY_UNKNOWN: u8 = 4;

/// Reads what was typed; where it makes no sense that is told already.
pub(crate) fn arguments() -> Result<Arguments, ExitCode> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let json = typed.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    if let Some(sentence) = not_text(&typed) {
        return Err(tell(json, "not-text", sentence, ExitCode::from(MISTYPED)));
    }
    Arguments::try_parse_from(typed).map_err(|error| {
        if !json || !error.use_stderr() {
            error.exit();
        }
        let text = error.render().to_string();
        tell(json, "mistyped", text.trim_start_matches("error: ").trim_end(), ExitCode::from(MISTYPED))
    })
}

/// What of the command line, or of the environment that stands for it, is no text. Paths are noted in files and told in JSON, which are
/// text: a folder that was made with another name could not be named again.
fn not_text(typed: &[OsString]) -> Option<String> {
    let way =
        "Porchlight takes no names that are not text in UTF-8; rename that file or folder, or name another";
    if let Some(word) = typed.iter().find(|word| word.to_str().is_none()) {
        return Some(format!("{word:?} is not text in UTF-8: {way}"));
    }
    let mut set = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PORCHLIGHT_"));
    let (name, value) = set.find(|(_, value)| value.to_str().is_none())?;
    Some(format!("{} is set to {value:?}, which is not text in UTF-8: {way}", name.to_string_lossy()))
}

/// Says why a command failed, and gives the exit status.
pub(crate) fn explain(error: &anyhow::Error, json: bool) -> ExitCode {
    let (status, way_on) = match error {
        error if is_unproven(error) => (ExitCode::from(UNPROVEN), format!(", with\n  {}", how(error))),
        error if error.is::<commands::KeyUnknown>() => (ExitCode::from(KEY_UNKNOWN), String::new()),
        _ => (ExitCode::FAILURE, String::new()),
    };
    tell(json, &code(error), format!("{}{way_on}", sentence(error)), status)
}

fn tell(json: bool, code: &str, sentence: impl AsRef<str>, status: ExitCode) -> ExitCode {
    let sentence = sentence.as_ref();
    if json {
        let line = json!({ "error": code, "message": sentence }).to_string();
        messages::say_to_programs(&line);
    } else {
        messages::say(format!("porchlight: {sentence}"));
    }
    messages::finish();
    status
}

/// Whether it takes no more than another proof of who it is.
fn is_unproven(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(ClientError::is_unproven)
}

/// How it is proved.
fn how(unproven: &anyhow::Error) -> &'static str {
    match unproven.downcast_ref().is_some_and(ClientError::wants_proof) {
        true => PROVE_WITH_IT,
        false => PROVE,
    }
}

/// A stable word for programs: the hub's own where it was the hub that refused.
fn code(error: &anyhow::Error) -> String {
    let client = error.chain().find_map(|cause| cause.downcast_ref::<ClientError>());
    let hub = error.chain().find_map(|cause| {
        let served = cause.downcast_ref::<ServeError>().map(ServeError::code);
        served.or_else(|| cause.downcast_ref::<HubError>().map(HubError::code))
    });
    let code = match (client, hub) {
        (Some(ClientError::Hub { problem, .. }), _) if !problem.said.code.is_empty() => {
            problem.said.code.clone()
        }
        (Some(client), _) => client.code().to_owned(),
        (None, Some(code)) => code,
        (None, None) if error.is::<commands::KeyUnknown>() => "key-unknown".to_owned(),
        (None, None) => String::new(),
    };
    if code.is_empty() { "failed".to_owned() } else { code }
}

/// An error with its causes, leaving out each cause that the message before it tells already.
fn sentence(error: &anyhow::Error) -> String {
    let mut whole = String::new();
    for cause in error.chain().map(in_words) {
        if !whole.contains(&cause) {
            whole = if whole.is_empty() { cause } else { format!("{whole}: {cause}") };
        }
    }
    whole
}

/// A cause; one of the system in words that say what is there, without its number.
fn in_words(cause: &(dyn std::error::Error + 'static)) -> String {
    let Some(io) = cause.downcast_ref::<io::Error>().filter(|io| io.raw_os_error().is_some()) else {
        return cause.to_string();
    };
    let words = match io.kind() {
        ErrorKind::NotFound => "there is no such file or folder",
        ErrorKind::PermissionDenied => "this user may not",
        ErrorKind::IsADirectory => "it is a folder, and no file",
        ErrorKind::NotADirectory => "something that is named as a folder is a file",
        ErrorKind::AlreadyExists => "it is there already",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::ReadOnlyFilesystem => "that disk cannot be written to",
        _ => {
            let text = io.to_string();
            return text.split(" (os error").next().unwrap_or_default().to_owned();
        }
    };
    words.to_owned()
}
