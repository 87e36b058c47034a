//! Adding, listing, correcting and removing devices.

use std::io::stdin;

use anyhow::{Context, Result};
use porchlight_client::{DeviceChange, Member, NewDevice};
use serde_json::json;
use zeroize::Zeroizing;

use super::receipts::must_be_writable;
use super::removal;
use crate::args::{DeviceAdd, DeviceCommand, DeviceKind};
use crate::files::{must_be_free, write_secret};
use crate::output::{Output, time};

pub(super) fn run(member: &Member, command: DeviceCommand, out: Output) -> Result<()> {
    match command {
        DeviceCommand::Add(device) => add(member, device, out),
        DeviceCommand::List => out.answers(&member.devices()?, "There are no devices yet.", |device| {
            let mut line = format!("{} ({}", device.name, device.kind);
            if let Some(room) = &device.room {
                line += &format!(", {room}");
            }
            if let Some(person) = &device.person {
                line += &format!(", {person}'s own");
            }
            line += &format!("): {}", device.state);
            if let Some(since) = device.credential {
                line += &format!(" It has a credential since {}.", time(since));
            }
            for missed in &device.missed {
                let to = missed.to.map_or("now".to_owned(), time);
                line += &format!("\n  not recorded from {} to {to}: {}", time(missed.from), missed.why);
            }
            line
        }),
        DeviceCommand::Rename { name, new_name } => {
            let change = DeviceChange { name: Some(new_name.clone()), ..DeviceChange::default() };
            let changed = member.change_device(&name, &change)?;
            out.answer(&json!({ "name": new_name, "was": name }), |_| {
                format!("{name} is called {new_name} now. {}", changed.sentence).trim_end().to_owned()
            })
        }
        DeviceCommand::Move { name, room } => {
            let change = DeviceChange { room: Some(room.clone()), ..DeviceChange::default() };
            let changed = member.change_device(&name, &change)?;
            out.answer(&json!({ "name": name, "room": room }), |_| {
                let words = match &room {
                    Some(room) => format!("The room of {name} is {room} now."),
                    None => format!("{name} is carried around now."),
                };
                format!("{words} {}", changed.sentence).trim_end().to_owned()
            })
        }
        DeviceCommand::Address { name, url } => {
            member.move_camera(&name, &whole_address(url)?)?;
            out.answer(&json!({ "name": name }), |_| {
                format!("{name} is recorded by its new address as soon as it answers: porchlight device list")
            })
        }
        DeviceCommand::Credential { name, out: file } => {
            must_be_free(&file, &[])?;
            let made = member.device_credential(&name)?;
            match &file {
                Some(file) => {
                    write_secret(file, &format!("{}\n", made.credential))?;
                    out.answer(&json!({ "device": made.device, "out": file }), |_| {
                        format!("The credential of {} is in {}.", made.device, file.display())
                    })
                }
                None => out.answer(&made, |made| {
                    format!(
                        "The credential of {}, which is shown this once:\n{}",
                        made.device, made.credential
                    )
                }),
            }
        }
        DeviceCommand::Remove { name, yes } => {
            must_be_writable(None)?;
            if !yes {
                removal::must_confirm_device(member, &name, out)?;
            }
            removal::answer(&name, &member.remove_device(&name)?, out)
        }
    }
}

fn add(member: &Member, device: DeviceAdd, out: Output) -> Result<()> {
    let kind = match device.kind {
        DeviceKind::Microphone => "microphone",
        DeviceKind::Camera => "camera",
        DeviceKind::Phone => "phone",
    };
    let address = device.url.map(whole_address).transpose()?;
    let name = device.name.clone();
    member.add_device(NewDevice {
        name: device.name,
        kind: kind.to_owned(),
        address,
        room: device.room,
        person: device.person,
    })?;
    out.answer(&json!({ "name": name, "kind": kind }), |_| match kind {
        "camera" => {
            format!("{name} is added, and is being recorded as soon as it answers: porchlight device list")
        }
        _ => format!("{name} is added."),
    })
}

/// A camera's address as it was given, or, where that is `-`, from standard input.
fn whole_address(url: String) -> Result<Zeroizing<String>> {
    if url != "-" {
        return Ok(Zeroizing::new(url));
    }
    let mut line = Zeroizing::new(String::new());
    stdin().read_line(&mut line).context("cannot read the address")?;
    Ok(Zeroizing::new(line.trim().to_owned()))
}
