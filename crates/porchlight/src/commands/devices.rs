//! Adding, listing, correcting and removing devices.

use std::io::stdin;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use porchlight_client::{DeviceChange, Member, NewDevice};
use porchlight_protocol::CameraTried;
use serde_json::json;
use zeroize::Zeroizing;

use super::receipts::must_be_writable;
use super::removal;
use crate::args::{DeviceAdd, DeviceCommand, DeviceKind, PrivacyCommand};
use crate::files::{self, must_be_free, write_secret};
use crate::output::{Output, listed, quoted, time};

pub(super) fn run(member: &Member, command: DeviceCommand, out: Output) -> Result<()> {
    match command {
        DeviceCommand::Add(device) => add(member, device, out),
        DeviceCommand::Find { at } => {
            let none = "No camera answered. Not every camera speaks ONVIF, and many have it switched off.";
            out.answers(&member.find_cameras(at.as_deref())?, none, |found| {
                let words = [&found.name, &found.model].into_iter().flatten().map(|words| quoted(words));
                let words = words.collect::<Vec<_>>().join(", ");
                let known = found.known.as_ref().map(|name| format!(": your {name}")).unwrap_or_default();
                format!("{} ({words}){known}", found.host).replace(" ()", "")
            })
        }
        DeviceCommand::Try { url, out: file } => {
            must_be_free(&file, &[])?;
            let tried = member.try_camera(&whole_address(url)?)?;
            if let (Some(file), Some(picture)) = (&file, &tried.picture) {
                let picture = Zeroizing::new(
                    BASE64_STANDARD.decode(picture).context("the hub's picture cannot be read")?,
                );
                files::write(file, &*picture).map_err(|why| files::cannot_write(file, &why))?;
            }
            out.answer(&tried, |tried| told(tried, file.as_deref()))
        }
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

/// Switches the privacy of cameras.
pub(super) fn switch_privacy(member: &Member, command: PrivacyCommand, out: Output) -> Result<()> {
    let (on, chosen) = match command {
        PrivacyCommand::On(chosen) => (true, chosen.cameras),
        PrivacyCommand::Off(chosen) => (false, chosen.cameras),
    };
    let state = if on { "on" } else { "off" };
    let switched = member.switch_privacy(&chosen, on)?;
    out.answer(&switched, |switched| match (switched.cameras.as_slice(), on) {
        ([], _) => format!("Nothing changed: privacy was {state} already."),
        (cameras, true) => {
            format!(
                "Privacy is on for {}. Nothing of it is seen, heard or recorded until you switch it off.",
                listed(cameras)
            )
        }
        (cameras, false) => {
            format!("Privacy is off for {}. How it goes on: porchlight device list", listed(cameras))
        }
    })
}

fn add(member: &Member, device: DeviceAdd, out: Output) -> Result<()> {
    let kind = match device.kind {
        DeviceKind::Microphone => "microphone",
        DeviceKind::Camera => "camera",
        DeviceKind::Phone => "phone",
    };
    let given = device.url.map(whole_address).transpose()?;
    let (address, tried) = match given.map(|given| member.stream_of(&given)).transpose()? {
        Some((address, tried)) => (Some(address), tried),
        None => (None, None),
    };
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
            let seen = tried.map(|tried| format!("{}\n", told(&tried, None))).unwrap_or_default();
            format!(
                "{seen}{name} is added, and is being recorded as soon as it answers: porchlight device list"
            )
        }
        _ => format!("{name} is added."),
    })
}

/// What came of trying a camera.
fn told(tried: &CameraTried, file: Option<&Path>) -> String {
    let mut lines = Vec::new();
    if let Some(model) = &tried.model {
        lines.push(quoted(model).into_owned());
    }
    for stream in &tried.streams {
        let codec = stream.codec.as_deref().unwrap_or("a format that it does not name");
        let size =
            if stream.width > 0 { format!(", {} by {}", stream.width, stream.height) } else { String::new() };
        let chosen =
            if Some(&stream.address) == tried.chosen.as_ref() { ": this one is recorded" } else { "" };
        lines.push(format!("  {} ({}{size}){chosen}", quoted(&stream.name), quoted(codec)));
    }
    match &tried.trouble {
        Some(why) => lines.push(why.text.clone()),
        None => lines.push(format!("Its picture came, {} by {}.", tried.width, tried.height)),
    }
    if tried.usual_password {
        lines.push("Its user and password are ones that cameras are delivered with, so whoever is on your network knows them. Change them in the camera's settings.".to_owned());
    }
    if let Some(file) = file.filter(|_| tried.picture.is_some()) {
        lines.push(format!("The picture is in {}.", file.display()));
    }
    lines.join("\n")
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
