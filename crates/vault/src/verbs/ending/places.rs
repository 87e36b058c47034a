//! Where the keys of a vault may lie: whatever anybody knows of, each place once, and as it is found.

use std::io;
use std::path::{Path, PathBuf};

use super::mark::EndingMark;
use crate::beside::strongbox_beside;
use crate::error::Error;
use crate::folder_identity::FolderIdentity;
use crate::in_time::in_time;
use crate::named_folder::Found;
use crate::strongbox::{Glance, ListedUnderRoot};

/// Who knows of strongboxes of a household, beside its data folder and they themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownPlaces<'a> {
    /// Those that whoever ends it names.
    pub named: &'a [PathBuf],
    /// Those with which it was served.
    pub remembered: &'a [PathBuf],
    /// Where each lists its mirrors under its root.
    pub listed: Option<ListedUnderRoot>,
}

/// Who says that there is a strongbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// Whoever ends the vault.
    Person,
    /// The hub's settings.
    Settings,
    /// What was noted in the data folder, as still to be done.
    Noted,
    /// The same, as done.
    NotedDone,
    /// Another strongbox of the household.
    Strongbox,
    /// Nobody: it is where one lies that was put nowhere else.
    Guess,
}

/// A place in which keys may lie.
pub(super) struct Place {
    /// From the root, without a link or a dot where its disk says so.
    pub(super) path: PathBuf,
    /// What is there.
    pub(super) found: Result<Glance, Error>,
    identity: Option<FolderIdentity>,
    said_by: Vec<Says>,
}

impl Place {
    pub(super) fn has_keys(&self) -> bool {
        self.found.as_ref().is_ok_and(|found| found.has_keys)
    }

    /// Whether it is certain that none of the household's is there.
    pub(super) fn is_free(&self) -> bool {
        match &self.found {
            Err(Error::NoStrongbox(there)) => there.found != Found::Closed,
            Err(Error::DataAsStrongbox(_) | Error::OtherHousehold { .. }) => true,
            _ => false,
        }
    }

    /// Whether it was noted that its keys were destroyed.
    pub(super) fn is_noted_as_done(&self) -> bool {
        self.said_by.contains(&Says::NotedDone)
    }

    /// Whether it is to be looked for again wherever this is stopped: one was there, or is known by one that was. The settings are there
    /// to the end themselves.
    pub(super) fn is_to_be_noted(&self) -> bool {
        let is_known = |says: &Says| matches!(says, Says::Noted | Says::Strongbox);
        self.found.is_ok() || self.said_by.iter().any(is_known)
    }

    fn is_mistyped(&self) -> bool {
        let is_named_alone = |says: &Says| matches!(says, Says::Person | Says::Guess);
        let is_named = self.said_by.contains(&Says::Person) && self.said_by.iter().all(is_named_alone);
        is_named && self.found.is_err()
    }

    fn is(&self, path: &Path, identity: Option<&FolderIdentity>) -> bool {
        match (&self.identity, identity) {
            (Some(ours), Some(theirs)) => ours.is(theirs),
            _ => self.path == path,
        }
    }
}

/// Every place in which keys of a household may lie: what is known of, and the folder beside the data folder where something is there,
/// or nothing else is known.
///
/// # Errors
/// Where somebody named a folder in which no strongbox of the household is found, and of which nothing else knows: if it was mistyped, it
/// is not to be looked for for good.
pub(super) fn gather(
    data: &Path,
    household: &str,
    mark: Option<&EndingMark>,
    known: &KnownPlaces<'_>,
) -> Result<Vec<Place>, Error> {
    let mut search = Search { data, household, listed: known.listed, places: Vec::new() };
    let (to_do, done) = mark.map(|mark| (&mark.strongboxes[..], &mark.destroyed[..])).unwrap_or_default();
    for (paths, says) in [
        (known.named, Says::Person),
        (known.remembered, Says::Settings),
        (to_do, Says::Noted),
        (done, Says::NotedDone),
    ] {
        paths.iter().for_each(|path| search.add(path, says));
    }
    search.add(&strongbox_beside(data), Says::Guess);
    let is_known = search.places.iter().any(|place| place.said_by != [Says::Guess]);
    search.places.retain(|place| !(is_known && place.said_by == [Says::Guess] && place.is_free()));
    let (mistyped, places) = search.places.into_iter().partition::<Vec<_>, _>(Place::is_mistyped);
    mistyped.into_iter().try_for_each(|place| place.found.map(drop))?;
    Ok(places)
}

struct Search<'a> {
    data: &'a Path,
    household: &'a str,
    listed: Option<ListedUnderRoot>,
    places: Vec<Place>,
}

impl Search<'_> {
    /// Takes in a place, and every other that the strongbox there lists.
    fn add(&mut self, path: &Path, says: Says) {
        let (identity, found) = self.look(path);
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let path = identity.as_ref().map_or(whole, |identity| identity.path().to_owned());
        if let Some(place) = self.places.iter_mut().find(|place| place.is(&path, identity.as_ref())) {
            place.said_by.push(says);
            return;
        }
        let mirrors = found.as_ref().map(|found| found.mirrors.clone()).unwrap_or_default();
        let place = Place { path, found, identity, said_by: vec![says] };
        // One that lay in the data folder and was moved out, as its household was told to, is not waited for.
        let lies_in_data =
            FolderIdentity::of(self.data).is_ok_and(|data| place.path.starts_with(data.path()));
        let was_moved = lies_in_data && place.is_free() && says == Says::Strongbox;
        if !was_moved {
            self.places.push(place);
        }
        mirrors.iter().for_each(|mirror| self.add(mirror, Says::Strongbox));
    }

    /// A disk that never answers holds up nobody for long.
    fn look(&self, path: &Path) -> (Option<FolderIdentity>, Result<Glance, Error>) {
        let (asked, household, listed) = (path.to_owned(), self.household.to_owned(), self.listed);
        let looked = in_time(move || {
            let identity = FolderIdentity::of(&asked);
            let real = identity.as_ref().map_or(&*asked, FolderIdentity::path);
            let found = Glance::at(real, &household, listed);
            (identity.ok(), found)
        });
        looked.unwrap_or_else(|| (None, Err(unanswered(path))))
    }
}

/// What is known of a strongbox whose disk does not answer.
pub(super) fn unanswered(strongbox: &Path) -> Error {
    Error::io("look into", strongbox)(io::Error::new(io::ErrorKind::TimedOut, "its disk does not answer"))
}
