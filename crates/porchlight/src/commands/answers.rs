//! How whoever is signed in here proves again who they are: by the files that were named, or by what they type. A session does not.

use std::cell::{OnceCell, RefCell};
use std::io::{IsTerminal, stderr, stdin};
use std::path::Path;

use porchlight_client::{Answers, ClientError, Codes};
use zeroize::Zeroizing;

use crate::args::Proof;
use crate::files::read_secret;
use crate::output::{ask, ask_hidden, say};

/// Answers where the hub wants another proof.
pub(super) struct Answering {
    name: String,
    files: Proof,
    /// Whoever has typed it is not asked twice by one command.
    typed: RefCell<Option<Zeroizing<String>>>,
    secret: OnceCell<Zeroizing<String>>,
}

impl Answering {
    /// For the member of this name, by these files as far as they are named.
    pub(super) fn new(name: &str, files: Proof) -> Answering {
        Answering { name: name.to_owned(), files, typed: RefCell::default(), secret: OnceCell::new() }
    }
}

impl Answers for Answering {
    fn passphrase(&self) -> Result<Option<Zeroizing<String>>, ClientError> {
        if let Some(file) = &self.files.passphrase_file {
            return read(file).map(Some);
        }
        if self.typed.borrow().is_none() && somebody_types() {
            say(format!("This takes a fresh proof that you are {}.", self.name));
            let typed = ask_hidden("Your passphrase: ").map_err(not_typed)?;
            *self.typed.borrow_mut() = Some(typed);
        }
        Ok(self.typed.borrow().clone())
    }

    fn codes(&self) -> Result<Option<Codes<'_>>, ClientError> {
        if let Some(file) = &self.files.totp_secret_file {
            let secret = match self.secret.get() {
                Some(secret) => secret,
                None => {
                    let secret = read(file)?;
                    self.secret.get_or_init(|| secret)
                }
            };
            return Ok(Some(Codes::Secret(secret)));
        }
        Ok(somebody_types().then_some(Codes::Ask(&ask_code)))
    }
}

/// Asks for what an authenticator shows.
pub(super) fn ask_code() -> Result<String, ClientError> {
    if !stdin().is_terminal() {
        let why = "the six digits of the authenticator are needed; add --totp-secret-file FILE, or type them at a terminal";
        return Err(ClientError::Bad(why.to_owned()));
    }
    ask("The six digits of your authenticator: ").map_err(not_typed)
}

fn somebody_types() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

fn read(file: &Path) -> Result<Zeroizing<String>, ClientError> {
    read_secret(file).map_err(|error| ClientError::Bad(format!("{error:#}")))
}

fn not_typed(error: std::io::Error) -> ClientError {
    ClientError::Bad(format!("what is typed here cannot be read ({error})"))
}
