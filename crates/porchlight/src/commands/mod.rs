//! One file for each group of commands.

mod account;
mod answers;
mod changes;
mod clock;
mod consents;
mod copies;
mod devices;
mod doctor;
mod documents;
mod effects;
mod end;
mod events;
mod export;
mod failed_sign_ins;
mod film;
mod forget;
mod holds;
mod hub;
mod inviting;
mod join;
mod ledger;
mod names;
mod people;
mod phone_code;
mod prove;
mod receipts;
mod recordings;
mod remembered;
mod removal;
mod serve;
mod sessions;
mod speaker;
mod strongbox;
mod talk;

use std::path::PathBuf;

use anyhow::{Result, bail};
use porchlight_client::Member;

pub(crate) use receipts::KeyUnknown;

use crate::args::{
    AccountCommand, Arguments, Ask, Command, Events, Proof, ReceiptCommand, Say, SessionCommand,
    StrongboxCommand,
};
use crate::files::must_lie_elsewhere;
use crate::output::{Output, use_zone};
use crate::session::Sessions;
use answers::Answering;
use speaker::Speaker;

/// Does what was typed.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let out = Output { json: arguments.json };
    for file in arguments.command.outputs() {
        must_lie_elsewhere(&file, &[])?;
    }
    let at = arguments.hub.as_deref();
    match arguments.command {
        Command::Init(init) => hub::init(init, out),
        Command::End(end) => end::run(&end, out),
        Command::Serve(serve) => serve::run(serve, out),
        Command::Openapi => documents::openapi(),
        Command::Completions(wanted) => documents::completions(&wanted, out),
        Command::Man(wanted) => documents::man(&wanted, out),
        Command::Strongbox(StrongboxCommand::Keep(keep)) => strongbox::keep(&keep, out),
        Command::SignIn(sign_in) => sessions::sign_in(at, sign_in, out),
        Command::Join(join) => join::run(at, &join, out),
        Command::SignOut => sessions::sign_out(at, out),
        Command::Doctor(doctor) => doctor::run(at, doctor, out),
        Command::Receipt(ReceiptCommand::Verify(verify)) => receipts::verify(&verify, out),
        Command::ProveGone(prove) => prove::run(&prove, out),
        command => match credential_of(&command) {
            Some(file) => spoken(&Speaker::of_credential(at, &file)?, command, out),
            None => signed_in(at, arguments.proof.into(), command, out),
        },
    }
}

/// The credential of the microphone that is to speak in the place of a member.
fn credential_of(command: &Command) -> Option<PathBuf> {
    match command {
        Command::Say(Say { credential, .. })
        | Command::Ask(Ask { credential, .. })
        | Command::Events(Events { credential, .. }) => credential.clone(),
        _ => None,
    }
}

/// What a microphone can ask for too.
fn spoken(speaker: &Speaker, command: Command, out: Output) -> Result<()> {
    match command {
        Command::Say(say) => talk::say(speaker, &say, out),
        Command::Ask(ask) => talk::ask(speaker, ask, out),
        Command::Events(events) => events::follow(speaker, events, out),
        _ => bail!("this command is a member's; leave the credential out"),
    }
}

/// What only a member can ask for. What is seen of the hub on the way is kept with the session.
fn signed_in(at: Option<&str>, proof: Proof, command: Command, out: Output) -> Result<()> {
    let mut sessions = Sessions::load()?;
    let session = sessions.find(at)?;
    let member = Member::resume(session)?;
    let answers = Answering::new(member.name(), proof_for(&command).or(proof));
    let member = member.answering(Box::new(answers));
    let hub = session.hub().to_owned();
    let shows_times = matches!(
        command,
        Command::List(_)
            | Command::Forget(_)
            | Command::Hold(_)
            | Command::Effect(_)
            | Command::Answered
            | Command::Events(_)
            | Command::Session(_)
            | Command::Device(_)
            | Command::Ledger(_)
            | Command::Clock(_)
            | Command::Copies(_)
    );
    // The days of film are the household's, whoever reads of them.
    if (shows_times && !out.json) || command.is_of_film() {
        use_zone(member.time_zone()?);
    }
    let done = match command {
        Command::Session(command) => sessions::run(&member, command, out),
        Command::Account(command) => account::run(&member, command, out),
        Command::Person(command) => people::run(&member, command, out),
        Command::Consent(command) => consents::run(&member, command, out),
        Command::Device(command) => devices::run(&member, command, out),
        Command::Privacy(command) => devices::switch_privacy(&member, command, out),
        command @ (Command::Say(_) | Command::Ask(_) | Command::Events(_)) => {
            spoken(&Speaker::Member(&member), command, out)
        }
        Command::Hear(hear) => talk::hear(&member, &hear, out),
        Command::Effect(command) => effects::run(&member, command, out),
        Command::Answered => effects::answered(&member, out),
        Command::Speak(speak) => talk::speak(&member, speak, out),
        Command::List(list) => recordings::list(&member, list, out),
        Command::Export(export) => export::export(&member, export, out),
        Command::Open(open) => match open.id {
            Some(id) => recordings::open(&member, open, id, out),
            None => export::open_film(&member, &open, out),
        },
        Command::Forget(forget) => forget::forget(&member, forget, out),
        Command::Hold(command) => holds::run(&member, command, out),
        Command::Ledger(command) => ledger::run(&member, command, out),
        Command::Receipt(ReceiptCommand::Get(get)) => receipts::get(&member, &get, out),
        Command::Clock(command) => clock::run(&member, command, out),
        Command::Copies(command) => copies::run(&member, command, out),
        Command::Policy => hub::policy(&member, out),
        Command::Init(_)
        | Command::Serve(_)
        | Command::End(_)
        | Command::Openapi
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Strongbox(_)
        | Command::SignIn(_)
        | Command::Join(_)
        | Command::SignOut
        | Command::Receipt(ReceiptCommand::Verify(_))
        | Command::ProveGone(_)
        | Command::Doctor(_) => bail!("this command needs no session"),
    };
    if let Some(seen) = member.seen_since(sessions.find(Some(&hub))?) {
        sessions.remember(&hub, seen);
        sessions.save()?;
    }
    done
}

/// The files that a command names by which its member proves who they are.
fn proof_for(command: &Command) -> Proof {
    match command {
        Command::Session(SessionCommand::Prove(proof))
        | Command::Account(AccountCommand::NewKit { proof, .. }) => proof.clone(),
        _ => Proof::default(),
    }
}

/// The signed-in member of this computer.
fn member(hub: Option<&str>) -> Result<Member> {
    Ok(Member::resume(Sessions::load()?.find(hub)?)?)
}
