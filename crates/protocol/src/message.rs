//! A sentence of the hub, for whoever says it in another language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

/// What the hub says, in English and so that a program can say it in another language. It stands beside each English sentence of the
/// API, in the field `said` (or `…_said` where there are several).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// What is meant, as a stable word. A newer hub may have words that a program does not know: then `text` is what to show.
    #[schema(schema_with = code_schema)]
    pub code: String,
    /// What the sentence speaks of, by name. Instants are RFC 3339 in UTC, numbers are decimal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Why that is so, a sentence itself, where the text ends with a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub because: Option<Box<Message>>,
    /// The whole sentence in English, its reason included.
    pub text: String,
}

impl Message {
    /// A message with this code, that says this in English.
    pub fn new(code: &str, text: impl Into<String>) -> Message {
        Message { code: code.to_owned(), text: text.into(), ..Message::default() }
    }

    /// The same, with something that it speaks of.
    pub fn with(mut self, name: &str, value: impl ToString) -> Message {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same, with why that is so.
    pub fn because(mut self, why: Message) -> Message {
        self.because = Some(Box::new(why));
        self
    }

    /// The texts of some sentences.
    pub fn texts(sentences: &[Message]) -> Vec<String> {
        sentences.iter().map(|sentence| sentence.text.clone()).collect()
    }
}

/// A sentence that has no code of its own.
impl From<String> for Message {
    fn from(text: String) -> Message {
        Message::new("", text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Message {
        Message::new("", text)
    }
}

fn code_schema() -> ObjectBuilder {
    let known = CODES.iter().map(|(code, meaning)| format!("- `{code}`: {meaning}\n")).collect::<String>();
    ObjectBuilder::new().schema_type(Type::String).description(Some(format!(
        "What is meant, as a stable word. A newer hub may have words that a program does not know: then `text` is what to show. \
         Of a `Problem` that has no finer word it is the word in `error`. Words of this release, with the names of their values:\n\n{known}"
    )))
}

/// Every code of this release, with what it says and, in braces, the names of its values.
pub const CODES: &[(&str, &str)] = &[
    // Cameras
    (
        "camera-recording",
        "It is recorded since {since}, {width} by {height}, with {sound} (`true` or `false`); why without, if it was agreed to, stands in `because`.",
    ),
    ("camera-beginning", "Its pictures arrive, and none of them is kept yet."),
    ("camera-begins-anew", "Its pictures arrive in a new stream, and the first of them are not kept yet."),
    (
        "camera-not-kept",
        "Its pictures arrive and are not kept since {since}, because of what stands in `because`.",
    ),
    ("camera-not-agreed", "Nothing of it is recorded: no adult agrees to its pictures."),
    (
        "camera-privacy",
        "It has privacy since {since}, switched on by {by} where that is known: nothing of it is seen, heard or recorded.",
    ),
    ("camera-had-privacy", "Privacy was switched on for it."),
    ("camera-connecting", "The first attempt to reach it is under way."),
    ("camera-stopped", "It is no longer watched."),
    ("camera-never", "It has not recorded yet, because of what stands in `because`."),
    (
        "camera-away-long",
        "It is not recorded, because of what stands in `because`, and none of its earlier film is kept.",
    ),
    ("camera-away", "It is not recorded since {since}, because of what stands in `because`."),
    ("camera-no-address", "Its address is missing or cannot be read."),
    ("camera-refused", "Nothing listens on that port."),
    ("camera-no-answer", "Nothing answers."),
    ("camera-unknown-name", "Its name leads nowhere."),
    ("camera-password-needed", "It asks for a user name and a password."),
    ("camera-wrong-password", "It refuses the user name or the password."),
    (
        "camera-no-sign-in",
        "It asks for a sign-in that is not known, or for the password in the clear after it asked for a digest; it was not sent.",
    ),
    ("camera-forbidden", "It does not let this user watch."),
    ("camera-no-stream", "It has no stream at this address."),
    ("camera-busy", "It serves all the viewers that it can."),
    ("camera-garbage", "What answers does not stream as a camera does: {detail}."),
    ("camera-codec", "It sends {codec}, which cannot be recorded."),
    ("camera-no-video", "It offers no video at this address."),
    ("camera-no-key-frames", "It sends key frames too rarely or not at all."),
    ("camera-udp-only", "It sends its stream by UDP alone."),
    ("camera-sent-elsewhere", "It sends the hub to another host, which is not followed."),
    ("onvif-not-spoken", "Nothing there speaks ONVIF."),
    ("onvif-password-needed", "By ONVIF it asks for a user name and a password."),
    ("onvif-wrong-password", "By ONVIF it refuses the user name or the password."),
    ("onvif-no-stream", "By ONVIF it names no stream."),
    ("onvif-garbage", "What answers does not speak ONVIF as the standard has it."),
    ("onvif-no-network", "Cameras cannot be looked for on this network."),
    ("cameras-being-tried", "Cameras are being looked for or tried already."),
    ("camera-ended", "It ended the stream."),
    ("camera-sound-none", "It offers no sound."),
    ("camera-sound-unknown", "Its sound is {format}, which cannot be recorded."),
    ("camera-sound-refused", "It offers {format} sound and refuses to send it."),
    ("camera-sound-too-fast", "It sends {format} sound much faster than it plays, and none of it is kept."),
    ("camera-sound-silent", "It offers {format} sound and sends none."),
    ("camera-sound-switched", "Recording was begun anew because its sound was switched on or off."),
    ("camera-not-taken", "The hub could not keep up."),
    ("hub-was-off", "The hub itself was not running."),
    ("sound-withdrawn", "The consent to its sound was withdrawn meanwhile."),
    ("pictures-withdrawn", "No adult agrees to its pictures any more."),
    // Addresses of cameras
    ("address-empty", "The camera's address is empty."),
    ("address-not-rtsp", "It does not start with rtsp://."),
    ("address-no-host", "It names no host."),
    ("address-unreadable", "It cannot be read."),
    ("address-stray", "It has an @ or # after its host name."),
    ("address-link-local", "It is a link-local one, which needs the name of a network card."),
    ("address-no-user", "It has a password and no user name."),
    ("address-not-text", "Its user name or password is not text."),
    // Sessions that are over
    (
        "session-idle",
        "The session was used last at {seen}, and by the hub's clock, {now}, that is too long ago.",
    ),
    ("no-longer-here", "Whoever signed in is no longer part of the household."),
    // Microphones and phones
    ("speaks-alone", "Only its owner speaks there."),
    ("speaks-anybody", "Anybody can speak there, so nothing that is said is kept."),
    // What was said
    ("forgetting-not-kept", "A request to forget is not kept itself."),
    ("no-words", "No words were heard."),
    ("no-history", "{person} has not agreed to a history."),
    ("anybody-there", "Anybody can speak at {device}."),
    ("anothers-device", "{device} is somebody else's own."),
    ("adults-session", "Only an adult's own session makes a voice known."),
    // Forgetting
    ("stays-look", "The memory of a look ends by its own date."),
    ("stays-person", "Only {person} can forget these."),
    ("stays-nobody", "They belong to somebody who is no longer here."),
    ("stays-adults", "Only an adult can forget these."),
    ("stays-held", "{person} holds these until {until}, by hold {hold}."),
    ("copies-data", "Copies of the data folder can no longer open it."),
    ("copies-mirror", "The mirror {path} is brought up to date at once, or named as pending."),
    ("copies-beyond", "Out of reach is {what}, in the words that receipts use for it."),
    ("mirror-gone", "It is gone from the mirror {path}."),
    ("mirror-pending", "The mirror {path} is not reached, because of what stands in `because`."),
    ("remains-left", "Sealed remains that nobody can open are still to be removed."),
    // How a household keeps its keys
    ("keeps-old-versions", "The strongbox {path} is on {file_system}, which can keep what was overwritten."),
    ("volatile", "The strongbox {path} is on {file_system}, which may not survive a restart."),
    ("file-beside-tpm", "The root key is in the TPM, and in a file of {path} as well."),
    ("swap", "Swap is on."),
    ("core-dumps", "Core dumps are possible."),
    (
        "strongbox-in-data",
        "The strongbox {moved} lies in the data folder {other}: move it to {out} and start the hub with {options}.",
    ),
    (
        "data-in-strongbox",
        "The data folder {moved} lies in the strongbox {other}: move it to {out} and start the hub with {options}.",
    ),
    (
        "strongboxes-overlap",
        "The strongboxes {moved} and {other} are one folder, or lie in each other: move the first to {out} and start the hub with {options}.",
    ),
    (
        "mirror-never-seen",
        "The mirror {path} has never been reached, so no copy of the strongbox is known to be there.",
    ),
    (
        "mirror-behind",
        "The mirror {path} has not followed, since {since} where that is known, because of what stands in `because`.",
    ),
    ("files-healed", "The files {files} were damaged, and are whole again: a disk is rotting."),
    (
        "keys-renewed",
        "The packs {files} were damaged or removed, and the keys in them are written anew into another file: a disk is rotting.",
    ),
    ("lock-lost", "The file {path} was removed or replaced, by which others are kept out of its folder."),
    (
        "mirrors-damaged",
        "The file {file} was damaged, and names the mirrors of this start alone: a disk is rotting.",
    ),
    ("lines-damaged", "The lines {lines} of the ledger are damaged on the disk."),
    ("line-damaged", "A line of the ledger that was asked for is damaged on the disk."),
    (
        "effects-unreadable",
        "{timers} timers, {items} list items and {reminders} reminders are there and cannot be read.",
    ),
    (
        "keys-damaged",
        "Keys in {files} cannot be read, and no mirror has them whole: {count} recordings do not open.",
    ),
    (
        "keys-damaged-keep-running",
        "The same, and others are in the memory of the hub alone: it is not to be stopped before a mirror is attached.",
    ),
    (
        "only-in-memory",
        "{files} are damaged and could not be written anew, because of what stands in `because`: the hub has in its memory what they held, \
         and is not to be stopped.",
    ),
    (
        "strongbox-moved",
        "The strongbox is not at {path} any more, where the hub opened it: put it back there.",
    ),
    ("files-put-back", "{files} were removed while the hub ran, and are written anew from what it had open."),
    (
        "watermark-damaged",
        "{files} in the strongbox were damaged or missing, so whether a database had lost what was written last could not be told at the start of {at}.",
    ),
    (
        "payloads-lost",
        "{path} was missing and is made anew: the sealed bytes in it are lost unless a copy has them.",
    ),
    ("not-in-place", "{path} is not where it was when the hub was started; nothing was done for good."),
    ("catalog-damaged", "The catalog is damaged: put the newest copy of the data folder back in its place."),
    ("database-damaged", "The hub's own database is damaged: a restart sets aside what is."),
    ("rows-removed", "{count} rows of the hub's own database made no sense and were removed."),
    (
        "ledger-broken-off",
        "Lines of the ledger are damaged and their hashes with them, so it goes on in a new tree.",
    ),
    ("checkpoint-lost", "The ledger's newest checkpoint was damaged or gone, so it goes on in a new tree."),
    // The clock
    ("clock-behind", "Nothing is forgotten by its date: the clock shows {now}, and it has been {latest}."),
    ("clock-jumped", "What ended since {latest} is not forgotten: the clock was set to {now}."),
    (
        "clock-ahead",
        "What ended since {latest} is not forgotten: there was no power, and nothing says yet that it is {now}.",
    ),
    (
        "more-than-planned",
        "What ended since {since} is not forgotten: it is {due} recordings, and {planned} were expected.",
    ),
    (
        "catalog-behind",
        "The catalog has lost {lost} recordings, or only changes where that is 0: put the newest copy of the data folder back; {made} is the latest time in it.",
    ),
    (
        "newer-copies",
        "An older copy of the data folder was put back, made at {made}; newer ones can still be opened.",
    ),
    ("no-such-copy", "No such copy was put back, or it was said already what becomes of newer ones."),
    ("clock-shows-other", "The hub's clock shows {now}, and not {shown}."),
    ("clock-was-set", "The clock was set forward, so that this time never passed."),
    (
        "hub-was-off-or-clock-set",
        "The hub had no power, or its clock was set forward: which, is not certain.",
    ),
    // The disk and what lies on it
    ("disk-full", "The disk of {path} is full."),
    ("disk-read-only", "Nothing can be written to the disk of {path}."),
    ("disk-out-of-reach", "{path} is not there, or is not Porchlight's to write to."),
    ("disk-failing", "The disk of {path} fails."),
    ("disk-silent", "The disk does not answer."),
    ("teen-without-keys", "What {person} says is not kept, for {person} has no keys to seal it to."),
    (
        "consent-taken-back",
        "On {on} {by} took back what was agreed to for {person}: {purpose}, and of a camera {device}.",
    ),
    ("device-taken", "On {on} {by} removed {device}, which was {person}'s own."),
    ("device-shared", "On {on} {by} made {device}, which was {person}'s own, a device for everybody."),
    ("turns-adult", "From {on} on {person} counts as an adult."),
    (
        "turns-adult-consent-ends",
        "From {on} on {person} counts as an adult; what a guardian agreed to ends then, and what was kept for it is forgotten.",
    ),
    (
        "turns-teen",
        "From {on} on {person} counts as a teen, and what is kept of them is sealed to them alone.",
    ),
    (
        "turns-teen-without-keys",
        "From {on} on {person} counts as a teen, and nothing is kept of them until they can sign in.",
    ),
    ("data-disk-full", "The disk of the data folder is full."),
    (
        "change-not-followed",
        "A change is made; what must follow it is tried again until it is done, because of what stands in `because`.",
    ),
    ("disk-failed", "The disk of the data folder, or a database on it, failed."),
    ("strongbox-disk-failed", "The disk of the strongbox failed."),
    ("disk-failed-at", "The disk of {path} failed."),
    ("damaged", "Recording {id} is damaged."),
    // Problems that have a finer word than their `error`
    ("unknown-id", "Nothing is known by these ids: they never were, or are forgotten."),
    ("already-forgotten", "What the preview showed is forgotten already."),
    ("being-forgotten", "It is gone or being forgotten."),
    ("changed-meanwhile", "The household was changed meanwhile; the change is to be made anew."),
    ("no-hold", "There is no such hold."),
    ("hold-past", "A hold that ends at {until} would have ended already."),
    ("hold-too-long", "A hold lasts a year at most: {until} comes after {longest}."),
    (
        "database-gone",
        "The hub's own database was gone or empty and begun anew; this is told until the empty file at `path` is removed.",
    ),
    (
        "database-anew",
        "The hub's own database was damaged and begun anew; what is left of it lies at `path`.",
    ),
    (
        "database-went-back",
        "The hub's own database had lost what was written last when the hub was started `at`: every session and credential ended.",
    ),
    ("not-forgotten", "A deletion of `count` recordings was begun and could not be finished yet."),
    ("adults-only", "Only an adult of the household can do that."),
    ("phones-not-in", "Phones cannot be let in: {why}."),
    ("owners-only", "Only an owner of the household can do that."),
    // Letting somebody in
    ("invitation-unknown", "Nobody is invited with this code."),
    ("invitation-used", "This code of {by} has been used."),
    ("invitation-ended", "This code of {by} ended at {at}."),
    ("invitation-stopped", "This invitation of {by} was stopped, and nobody was let in by it."),
    ("invitation-too-many", "With this code of {by} it was begun too often."),
    ("invitation-waited-for", "Another page waits for this invitation."),
    ("invitation-most", "There are {most} invitations already."),
    ("invitation-not-yours", "This invitation is not one of yours, or is over."),
    ("invitation-unanswered", "Nobody has answered this invitation yet."),
    ("invitation-not-answered", "{person} is let in only with what they answered an invitation with."),
    ("invited-is-in", "{person} can sign in already."),
    ("invited-is-child", "{person} is a child, and children do not sign in."),
    ("sealed-to-others", "Only those it is sealed to can open it."),
    ("nothing-fits", "Nothing is kept that fits."),
    ("no-such-camera", "There is no such camera in this household."),
    ("live-too-often", "Live pictures were begun very often in the last minutes."),
    ("live-many-here", "This session watches {most} cameras live already."),
    ("live-many-yours", "This person watches {most} cameras live already, in all their sessions."),
    ("live-many", "All {most} live pictures that there may be are open."),
    ("look-over", "The look was not made in this session, or too long ago."),
    (
        "microphone-only-speaks",
        "A microphone's credential lets it ask and be told what is to be spoken there.",
    ),
    ("credential-camera", "{device} is a camera, which needs no credential of the hub's."),
    ("credential-anothers", "{device} is somebody else's own; only they can make its credential."),
    ("nothing-to-say", "There is nothing to be said with this event, or it was too long ago."),
    ("effect-gone", "There is no such timer, reminder or list item; it may be done already."),
    ("list-item-length", "A list and what is on it have 1 to {most} characters, on one line."),
    ("session-name-length", "A session's name is one line of at most {most} letters."),
    ("passkey-name-length", "A passkey's name is one line of at most {most} letters."),
    ("too-many-words", "That is more than {most} bytes."),
    ("sound-broke-off", "The sound broke off on its way."),
    ("sound-too-slow", "The sound did not arrive within {seconds} seconds."),
    (
        "much-at-once",
        "This session or person has as much to be heard or spoken as they may, for some {seconds} seconds.",
    ),
    ("many-at-once", "As much is to be heard or spoken as the hub takes, for some {seconds} seconds."),
    ("bodies-at-once", "As much is being sent as the hub reads at once."),
    ("body-too-long", "The body is longer than {most} bytes."),
    ("body-too-slow", "The body did not arrive within {seconds} seconds."),
    ("stopping", "The hub stops."),
    ("many-sign-in", "Many sign in at once; in a moment it goes on."),
    ("too-many-tries", "Too many wrong tries; the next counts in {seconds} seconds."),
    (
        "too-many-at-home",
        "Too many wrong tries under this name came from this address; the next counts in {seconds} seconds. A browser of one's own does not wait for them, nor does another network.",
    ),
    (
        "too-many-from-there",
        "Too many wrong tries came from this address or its neighbours; the next counts in {seconds} seconds. A browser of one's own does not wait for them, nor does an address from which the household got in.",
    ),
    (
        "too-many-everywhere",
        "Too many wrong tries under this name came from many addresses; the next counts in {seconds} seconds. A browser of one's own does not wait for them, nor does an address from which the household got in.",
    ),
    ("attempt-over", "This attempt took too long or was finished already."),
    ("not-this-kit", "The name or the recovery kit is not right."),
    ("not-their-own", "It was not signed with the member's own account key; nothing was changed."),
    ("not-this-passkey", "The name or the passkey is not right."),
    ("too-many-passkeys", "A person has at most {most} passkeys."),
    ("passkey-refused", "This passkey cannot be taken: {detail}."),
    ("too-many-mirrors", "A strongbox has at most {most} mirrors."),
    ("mirror-no-path", "{path} is no whole path."),
    ("mirror-inside", "{path} and what it is to be a mirror of lie in each other."),
    ("mirror-away", "The folder in which a folder of the hub is to lie is not there."),
    ("mirror-not-empty", "{path} is there already and not empty."),
    ("name-missing", "A name has 1 to 64 letters, on one line."),
    ("name-hides", "A name, or what is written, holds the character {character}, which nobody sees."),
    (
        "not-understood-request",
        "What was sent is not what this route takes; the API's document says what is.",
    ),
    ("too-large", "What was sent is larger than this route takes."),
    ("filter-too-long", "A filter names more than can be asked for at once."),
    ("name-taken", "The name {name} is taken."),
    ("needs-guardian", "{person} is a child and needs a guardian who is an adult of the household."),
    ("needs-owner", "A household needs an owner."),
    ("owner-not-adult", "{person} is not an adult, and only an adult can own a household."),
    ("born-in-future", "{month} is in the future."),
    ("not-allowed", "{person} may not make this change."),
    ("consent-dated-elsewhere", "A consent is dated {dated}, and the hub's clock shows {now}."),
];
