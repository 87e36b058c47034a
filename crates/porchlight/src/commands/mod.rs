//! One file for each group of commands.

mod consents;
mod devices;
mod doctor;
mod events;
mod forget;
mod hub;
mod people;
mod recordings;
mod sessions;
mod talk;

use anyhow::Result;
use porchlight_hub::client::Member;

use crate::args::{Arguments, Command};
use crate::output::Output;
use crate::session::Sessions;

/// Does what was typed.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let out = Output { json: arguments.json };
    let at = arguments.hub.as_deref();
    match arguments.command {
        Command::Init(init) => hub::init(init, out),
        Command::Serve(serve) => hub::serve(serve, out),
        Command::Openapi => hub::openapi(),
        Command::SignIn(sign_in) => sessions::sign_in(at, sign_in, out),
        Command::SignOut => sessions::sign_out(at, out),
        Command::Session(command) => sessions::run(&member(at)?, command, out),
        Command::Person(command) => people::run(&member(at)?, command, out),
        Command::Consent(command) => consents::run(&member(at)?, command, out),
        Command::Device(command) => devices::run(&member(at)?, command, out),
        Command::Say(say) => talk::say(&member(at)?, say, out),
        Command::Speak(speak) => talk::speak(&member(at)?, speak, out),
        Command::Events(events) => events::follow(&member(at)?, events, out),
        Command::List(list) => recordings::list(&member(at)?, list, out),
        Command::Export(export) => recordings::export(&member(at)?, export, out),
        Command::Open(open) => recordings::open(&member(at)?, open, out),
        Command::Forget(forget) => forget::forget(&member(at)?, forget, out),
        Command::Policy => hub::policy(&member(at)?, out),
        Command::Doctor(doctor) => doctor::run(at, doctor, out),
    }
}

/// The signed-in member of this computer.
fn member(hub: Option<&str>) -> Result<Member> {
    Ok(Member::resume(Sessions::load()?.find(hub)?)?)
}
