//! What can be wrong with a household, in sentences that say what to do next.

use jiff::Timestamp;
use thiserror::Error;

/// Why a document was refused, or an edit not made.
///
/// Names of people and devices appear in the messages, for the household to read; keys and secrets never do.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The text is not JSON of the right shape. The inner text names the place, never the content.
    #[error(
        "The household document cannot be read ({0}). Take it from the strongbox or a mirror of it again."
    )]
    Unreadable(String),
    /// A format that this version does not know.
    #[error(
        "The household document has format {found}; this Porchlight reads format {known}. Install a newer Porchlight."
    )]
    NewerFormat {
        /// The format of the document.
        found: u32,
        /// The newest format that is read here.
        known: u32,
    },
    /// An id with letters that no id has.
    #[error("That is not an id. An id is up to 64 lowercase letters, digits and dashes.")]
    NotAnId,
    /// Letters that are no code of an invitation.
    #[error("A code has twelve letters and digits, like 4K7M-PQ2X-WZT9. Look at it again.")]
    NotACode,
    /// The operating system gave no randomness.
    #[error("This computer gave no random numbers, so no key or id can be made. Try again.")]
    NoRandomness,

    /// A name is empty, too long, or holds control characters.
    #[error("{what} needs a name of 1 to 64 letters, on one line. Choose another name.")]
    BadName {
        /// "A person", "A device" …
        what: &'static str,
    },
    /// A name holds a character that nobody sees.
    #[error(
        "{what} cannot be called that: the name holds the character {character}, which nobody sees and which can make it look like another. Type the name anew."
    )]
    HiddenInName {
        /// "A person", "A device" …
        what: &'static str,
        /// As `U+202E`.
        character: String,
    },
    /// The name is taken, in whatever form its letters are written.
    #[error("There is already {what} named {name}. Choose another name.")]
    NameTaken {
        /// "a person", "a device"
        what: &'static str,
        /// The name that is taken.
        name: String,
    },
    /// Two things with the same id.
    #[error(
        "Two things in the household document have the id {0}. Write the document anew from the last good version."
    )]
    IdTaken(String),
    /// Nobody of this id or name.
    #[error("There is nobody named {0} in this household. Look at the list of people.")]
    NoSuchPerson(String),
    /// No device of this id or name.
    #[error("There is no device named {0} in this household. Look at the list of devices.")]
    NoSuchDevice(String),

    /// The time zone is not in the IANA database.
    #[error("{0} is not a time zone. Use a name like Europe/Paris or America/New_York.")]
    NoSuchTimeZone(String),
    /// The language is not a language tag.
    #[error("{0} is not a language. Use a tag like en or de-AT.")]
    NoSuchLanguage(String),
    /// Not `YYYY-MM`.
    #[error("{0} is not a birth month. Write year and month, like 1984-03.")]
    NotABirthMonth(String),
    /// Born after today.
    #[error("{0} would be born in the future. Write the month of birth, and check this computer's clock.")]
    BornInTheFuture(String),
    /// A key that is no key.
    #[error("The public keys of {0} are not keys. Let them sign in again and send their keys once more.")]
    BadKeys(String),

    /// A child without a guardian who is an adult of the household.
    #[error("{0} is a child and needs a guardian: an adult of the household. Name one.")]
    NeedsGuardian(String),
    /// A guardian who is no adult, or not of the household.
    #[error(
        "{guardian} cannot be a guardian of {person}: a guardian is another person, and an adult of the household."
    )]
    BadGuardian {
        /// Whose guardian.
        person: String,
        /// Who was named.
        guardian: String,
    },
    /// No owner would be left.
    #[error(
        "A household needs an owner: an adult with keys of their own. Make another adult an owner first."
    )]
    NeedsOwner,
    /// An owner who is no adult.
    #[error("{0} is not an adult, and only an adult can own a household.")]
    OwnerNotAdult(String),
    /// A personal device of someone who is not an adult.
    #[error(
        "{device} can be personal to an adult only, who says that nobody else speaks there. {person} is not an adult."
    )]
    PersonalToMinor {
        /// The device.
        device: String,
        /// Whose it would be.
        person: String,
    },
    /// A camera that belongs to one person.
    #[error("{0} is a camera: it sees whoever comes by, so it cannot be personal to one person.")]
    PersonalCamera(String),
    /// An address with a user or password in it, or without a host.
    #[error(
        "The address of {0} must name a host and nothing else: a camera's password, which may stand in the path too, belongs in the strongbox, not in the document."
    )]
    BadAddress(String),

    /// A purpose that does not exist.
    #[error(
        "{0} is not a purpose. The purposes are history, security:CAMERA, sound:CAMERA, recognition, reminder, sharing and training."
    )]
    NoSuchPurpose(String),
    /// Consent to answering.
    #[error("Answering needs no consent: what was said is answered, then forgotten.")]
    AnswerNeedsNoConsent,
    /// A camera's purpose without a camera.
    #[error("Say which camera: {0}:CAMERA.")]
    NeedsCamera(&'static str),
    /// A device with a purpose that is about no device, or one that is no camera.
    #[error(
        "{purpose} is not about {device}. Only security and sound name a device, and that device is a camera."
    )]
    NotAboutDevice {
        /// The purpose's word.
        purpose: &'static str,
        /// The device's name or id.
        device: String,
    },
    /// Consent by someone who cannot give it.
    #[error("{by} cannot agree for {person}. An adult agrees for themself, a guardian for a child.")]
    NotTheirsToGrant {
        /// Who tried.
        by: String,
        /// For whom.
        person: String,
    },
    /// Withdrawal by someone who cannot.
    #[error(
        "{by} cannot take back what was agreed for {person}. An adult does so themself, a guardian for a child; an owner only what was agreed to for a camera."
    )]
    NotTheirsToWithdraw {
        /// Who tried.
        by: String,
        /// For whom.
        person: String,
    },
    /// Consent that stands already.
    #[error("{person} has already agreed to {purpose}. There is nothing to do.")]
    AlreadyGranted {
        /// Who.
        person: String,
        /// The purpose's word.
        purpose: &'static str,
    },
    /// Withdrawal of what was never granted.
    #[error("{person} has not agreed to {purpose}, so there is nothing to take back.")]
    NotGranted {
        /// Who.
        person: String,
        /// The purpose's word.
        purpose: &'static str,
    },
    /// A consent that is given or taken back at another time than now.
    #[error(
        "A consent is dated {dated}, and the hub's clock shows {now}. Set the clock that is wrong, this computer's or the hub's, and do it again."
    )]
    DatedElsewhere {
        /// Its date.
        dated: Timestamp,
        /// When it came.
        now: Timestamp,
    },
    /// A consent in the document that does not hold together.
    #[error(
        "A consent in the household document does not hold together. Write the document anew from the last good version."
    )]
    BadConsent,

    /// A number of days that is not one.
    #[error(
        "{0} is not a time to keep something. Write a number of days from 1 to 36500, like \"30 days\", or \"forever\"."
    )]
    BadKeep(String),
    /// "Forever" for something that is not an adult's own.
    #[error(
        "Only an adult can keep something forever, and only their own. Name that adult, or a number of days."
    )]
    NotForever,
    /// Longer than a child's recordings may live.
    #[error(
        "{person} is not an adult: nothing of theirs is kept over 18 months ({most} days). Choose fewer days."
    )]
    TooLongForChild {
        /// Whose.
        person: String,
        /// The most days.
        most: u32,
    },
    /// A list item over 90 days, a timer, a look: their ends are fixed.
    #[error("A {kind} is kept {most} at most. Choose a shorter time.")]
    TooLongForKind {
        /// The kind's word.
        kind: &'static str,
        /// In words: "90 days".
        most: &'static str,
    },

    /// The signature does not fit the text.
    #[error(
        "The signature does not fit the household document: it was changed after it was signed, or signed by somebody else. It is refused."
    )]
    BadSignature,
    /// Signed by someone who has no keys in the version before.
    #[error(
        "The household document was signed by someone who may not sign for this household. It is refused."
    )]
    UnknownSigner,
    /// Not the next version of this household.
    #[error(
        "This is not the next version of the household document (it has version {found}, {expected} was due). Fetch the newest one, and make the change again."
    )]
    NotNext {
        /// The version that was due.
        expected: u64,
        /// The version that came.
        found: u64,
    },
    /// A document that is older than the one that was seen.
    #[error("It has version {shown}, and version {seen} was seen before.")]
    Older {
        /// The version that is shown.
        shown: u64,
        /// The version that was seen.
        seen: u64,
    },
    /// A step that is missing among those to a later version.
    #[error(
        "Version {version} of the household lies in between and is missing, so what came after cannot be followed."
    )]
    Gap {
        /// The version that is missing.
        version: u64,
    },
    /// Two documents of one version.
    #[error(
        "There are two different versions {version} of the household: what is shown does not go on from what was seen."
    )]
    Fork {
        /// The version of which there are two.
        version: u64,
    },
    /// A step that does not hold, among those to a later version.
    #[error("Version {version} of the household, which had to be followed, does not hold: {why}")]
    Between {
        /// The version that the step leads to.
        version: u64,
        /// What is wrong with it.
        why: Box<Error>,
    },
    /// A step that changes who can sign, by somebody who owns nothing.
    #[error(
        "It changes who can sign for this household, and its signer may change their own keys only. It is refused."
    )]
    SignersNotTheirs,
    /// A step that belongs to another document than the one it was sent with.
    #[error(
        "The step that was sent does not lead to this version of the household document. Sign it for this version, in the name of its signer."
    )]
    OtherStep,
    /// A document of another household.
    #[error("This document belongs to another household. It is refused.")]
    OtherHousehold,
    /// A change that this signer may not make.
    #[error("{signer} may not make this change: {why}")]
    NotAllowed {
        /// Who signed.
        signer: String,
        /// A sentence.
        why: String,
    },
    /// A version number at its end.
    #[error("The household document has reached its last version number. Start a new household.")]
    LastVersion,

    /// A key that does not open what it should.
    #[error("This key does not open it. Use the key or passphrase it was made with.")]
    WrongKey,
    /// A secret that is no age identity.
    #[error("That is not a recovery key. It is one line that starts with AGE-SECRET-KEY-1.")]
    NotAnIdentity,
    /// A recovery secret that is none: mistyped, or cut off.
    #[error(
        "The recovery line of this kit is not right: a letter was misread or is missing. Compare it with the paper; it starts with PORCHLIGHT-RECOVERY-1."
    )]
    NotARecoverySecret,
    /// Sealing to a circle failed.
    #[error("The circle's key could not be wrapped for its members. Check their public keys.")]
    CannotWrap,
    /// Nobody with keys who may see it.
    #[error(
        "Nobody who may see this has keys, so it cannot be sealed and is not kept. Let {0} sign in first."
    )]
    NobodyToSealTo(String),
}
