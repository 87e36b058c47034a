//! The film of a life: what each system call did to the disk, and what was promised by then.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::check::Cut;
use crate::disk::{Disk, Mode, State};
use crate::trace::{self, Call};
use crate::world::Note;

/// What a call did; nodes are numbered as the model makes them.
enum Effect {
    Create(PathBuf),
    MakeFolder(PathBuf),
    Link(PathBuf, usize),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
    Write(usize, u64, Vec<u8>),
    Length(usize, u64),
    /// The node, and how many effects there were when the call began.
    Sync(usize, usize),
    /// The life says something: no change of the disk.
    Note(Box<Note>),
}

/// A life, call by call.
pub(crate) struct Film {
    effects: Vec<Effect>,
    /// Where the last cut was made, to go on from there.
    played: Mutex<(Disk, usize)>,
    /// What lay there at some of the effects.
    copies: Mutex<HashMap<usize, Arc<State>>>,
}

impl Film {
    /// Reads the calls of a life that was lived below `root`.
    pub(crate) fn read(root: &Path, calls: &Path) -> Film {
        let mut camera = Camera::new(root);
        for call in trace::read(calls) {
            camera.see(&call);
            camera.seen.push(camera.effects.len());
        }
        Film { effects: camera.effects, played: Mutex::new((Disk::new(), 0)), copies: Mutex::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.effects.len()
    }

    /// The places of the fsyncs.
    pub(crate) fn syncs(&self) -> impl Iterator<Item = usize> {
        self.effects.iter().enumerate().filter(|(_, e)| matches!(e, Effect::Sync(..))).map(|(at, _)| at)
    }

    /// What a power cut after so many effects leaves, and what had been promised.
    pub(crate) fn cut(&self, at: usize, mode: Mode) -> Cut {
        let notes = self.effects[..at].iter().filter_map(|effect| match effect {
            Effect::Note(note) => Some(&**note),
            _ => None,
        });
        let name = format!("after {at} of {} effects, {mode:?}", self.len());
        Cut::new(name, self.state(at, mode), notes, self.older(at))
    }

    /// Everything as it lay there when the last deletion began that was acknowledged by then.
    fn older(&self, at: usize) -> Option<Arc<State>> {
        let notes = |note: fn(&Note) -> bool| {
            move |(at, effect): (usize, &Effect)| match effect {
                Effect::Note(found) if note(found) => Some(at),
                _ => None,
            }
        };
        let done = self.effects[..at]
            .iter()
            .enumerate()
            .filter_map(notes(|note| matches!(note, Note::Done { .. })))
            .next_back()?;
        let forgets =
            |note: &Note| matches!(note, Note::Begins { what, .. } if what == "forget" || what == "expire");
        let began = self.effects[..done].iter().enumerate().filter_map(notes(forgets)).next_back()?;
        let mut copies = self.copies.lock().unwrap();
        let copy = || {
            let mut disk = Disk::new();
            self.effects[..began]
                .iter()
                .enumerate()
                .for_each(|(number, effect)| effect.play(number, &mut disk));
            Arc::new(disk.cut(Mode::Kept))
        };
        Some(copies.entry(began).or_insert_with(copy).clone())
    }

    fn state(&self, at: usize, mode: Mode) -> State {
        let mut played = self.played.lock().unwrap();
        if played.1 > at {
            *played = (Disk::new(), 0);
        }
        let (disk, position) = &mut *played;
        for (number, effect) in self.effects.iter().enumerate().take(at).skip(*position) {
            effect.play(number, disk);
        }
        *position = at;
        disk.cut(mode)
    }

    /// The whole film must end with what lies on the real disk, byte for byte: nothing was missed.
    pub(crate) fn check_against(&self, root: &Path) {
        let end = self.state(self.len(), Mode::Kept);
        let mut real = State::default();
        read_folder(root, Path::new(""), &mut real);
        assert_eq!(end.folders, real.folders);
        assert_eq!(end.files.keys().collect::<Vec<_>>(), real.files.keys().collect::<Vec<_>>());
        // What is set aside holds nothing.
        for (path, bytes) in real.files.iter().filter(|(path, _)| !path.ends_with("reserve")) {
            assert!(end.files[path] == *bytes, "the model of {} is not what is on the disk", path.display());
        }
    }
}

impl Effect {
    fn play(&self, number: usize, disk: &mut Disk) {
        match self {
            Effect::Create(path) => {
                disk.create(number, path);
            }
            Effect::MakeFolder(path) => disk.make_folder(number, path),
            Effect::Link(path, node) => disk.put(number, path, *node),
            Effect::Remove(path) => disk.remove(number, path),
            Effect::Rename(from, to) => disk.rename(number, from, to),
            Effect::Write(node, at, bytes) => disk.write(number, *node, *at, bytes.clone()),
            Effect::Length(node, length) => disk.set_length(number, *node, *length),
            Effect::Sync(node, before) => disk.sync(*node, *before),
            Effect::Note(_) => {}
        }
    }
}

/// What an open file descriptor stands for.
enum Open {
    Node { node: usize, at: u64, appends: bool },
    Notes,
}

/// Turns calls into effects.
struct Camera {
    root: PathBuf,
    notes: PathBuf,
    disk: Disk,
    open: HashMap<i64, Open>,
    effects: Vec<Effect>,
    /// How many effects there were after each call.
    seen: Vec<usize>,
}

impl Camera {
    fn new(root: &Path) -> Camera {
        let notes = root.with_file_name("notes");
        let (open, effects, seen) = (HashMap::new(), Vec::new(), Vec::new());
        Camera { root: root.to_owned(), notes, disk: Disk::new(), open, effects, seen }
    }

    fn see(&mut self, call: &Call) {
        if call.returned < 0 {
            return;
        }
        match call.name.as_str() {
            "open" | "openat" | "creat" => self.opens(call),
            "close" => {
                self.open.remove(&descriptor(call));
            }
            "lseek" => {
                if let Some(Open::Node { at, .. }) = self.open.get_mut(&descriptor(call)) {
                    *at = call.returned.unsigned_abs();
                }
            }
            "write" | "writev" => self.writes(call, None),
            "pwrite64" => self.writes(call, Some(call.number(3))),
            "pwritev" | "pwritev2" => self.writes(call, Some(call.number(3))),
            "ftruncate" => {
                if let Some(node) = self.node(call) {
                    self.does(Effect::Length(node, call.number(1)));
                }
            }
            "rename" | "renameat" | "renameat2" => {
                if let (Some(from), Some(to)) = (self.below(call.path(0)), self.below(call.path(1))) {
                    self.does(Effect::Rename(from, to));
                }
            }
            "link" | "linkat" => {
                if let (Some(from), Some(to)) = (self.below(call.path(0)), self.below(call.path(1))) {
                    let node = self.disk.find(&from).expect("what is linked is there");
                    self.does(Effect::Link(to, node));
                }
            }
            "unlink" | "unlinkat" | "rmdir" => {
                if let Some(path) = self.below(call.path(0)) {
                    self.does(Effect::Remove(path));
                }
            }
            "mkdir" | "mkdirat" => {
                if let Some(path) = self.below(call.path(0)) {
                    self.does(Effect::MakeFolder(path));
                }
            }
            "fsync" | "fdatasync" => {
                if let Some(node) = self.node(call) {
                    let before = if call.begun == 0 { 0 } else { self.seen[call.begun - 1] };
                    self.does(Effect::Sync(node, before));
                }
            }
            "mmap" if call.args[2].contains("PROT_WRITE") && call.args[3].contains("MAP_SHARED") => {
                let descriptor = call.args[4].parse().unwrap_or(-1);
                assert!(!self.open.contains_key(&descriptor), "a file is mapped for writing: {call:?}");
            }
            // It sets room aside, which nobody syncs and nobody reads: a power cut may always take it.
            "fallocate" => assert!(call.args[1] == "0", "the model does not know {call:?}"),
            // These place data or names in ways that the model does not know; on its files nobody may use them.
            "dup" | "dup2" | "dup3" | "copy_file_range" | "sendfile" | "splice" | "truncate" | "symlink"
            | "symlinkat" | "sync_file_range" | "msync" | "syncfs" => {
                let named = call.strings.iter().any(|path| {
                    std::str::from_utf8(path).is_ok_and(|path| self.below(Path::new(path)).is_some())
                });
                let open = call.args.iter().any(|arg| arg.parse().is_ok_and(|fd| self.is_node(fd)));
                assert!(!named && !open, "the model does not know {call:?}");
            }
            "fcntl" => {
                let copied = call.args[1].starts_with("F_DUPFD") && self.is_node(descriptor(call));
                assert!(!copied, "the model does not know {call:?}");
            }
            "sync" | "io_uring_setup" => panic!("the model does not know {call:?}"),
            _ => {}
        }
    }

    fn opens(&mut self, call: &Call) {
        let path = call.path(0);
        let flags = &call.args[if call.name == "openat" { 2 } else { 1 }];
        if path == self.notes {
            self.open.insert(call.returned, Open::Notes);
            return;
        }
        let Some(path) = self.below(path) else {
            self.open.remove(&call.returned);
            return;
        };
        let node = match self.disk.find(&path) {
            Some(node) => {
                if flags.contains("O_TRUNC") && self.disk.length(node) > 0 {
                    self.does(Effect::Length(node, 0));
                }
                node
            }
            None if path.as_os_str().is_empty() => 0,
            None => {
                assert!(flags.contains("O_CREAT"), "{call:?} opened a file that the model does not have");
                self.does(Effect::Create(path.clone()));
                self.disk.find(&path).unwrap()
            }
        };
        let appends = flags.contains("O_APPEND");
        self.open.insert(call.returned, Open::Node { node, at: 0, appends });
    }

    fn writes(&mut self, call: &Call, at: Option<u64>) {
        let mut bytes = call.strings.concat();
        bytes.truncate(usize::try_from(call.returned).unwrap());
        match self.open.get_mut(&descriptor(call)) {
            None => {}
            Some(Open::Notes) => {
                let note = serde_json::from_slice(&bytes).expect("a note is one line of JSON");
                self.effects.push(Effect::Note(note));
            }
            Some(Open::Node { node, at: position, appends }) => {
                let node = *node;
                let place = match at {
                    Some(at) => at,
                    None => {
                        let place = if *appends { self.disk.length(node) } else { *position };
                        *position = place + bytes.len() as u64;
                        place
                    }
                };
                self.does(Effect::Write(node, place, bytes));
            }
        }
    }

    fn does(&mut self, effect: Effect) {
        effect.play(self.effects.len(), &mut self.disk);
        self.effects.push(effect);
    }

    fn node(&self, call: &Call) -> Option<usize> {
        match self.open.get(&descriptor(call)) {
            Some(Open::Node { node, .. }) => Some(*node),
            _ => None,
        }
    }

    fn is_node(&self, descriptor: i64) -> bool {
        matches!(self.open.get(&descriptor), Some(Open::Node { .. }))
    }

    /// A path below the root; none for others and for SQLite's index of its WAL, which is memory that happens to have a
    /// name: SQLite makes it anew after a crash.
    fn below(&self, path: &Path) -> Option<PathBuf> {
        let path = path.strip_prefix(&self.root).ok()?;
        (!path.to_str()?.ends_with("-shm")).then(|| path.to_owned())
    }
}

fn descriptor(call: &Call) -> i64 {
    call.args[0].parse().unwrap_or(-1)
}

fn read_folder(root: &Path, folder: &Path, state: &mut State) {
    state.folders.push(folder.to_owned());
    let mut names: Vec<_> =
        std::fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    for name in names {
        let path = folder.join(&name);
        if root.join(&path).is_dir() {
            read_folder(root, &path, state);
        } else {
            state.files.insert(path.clone(), std::fs::read(root.join(&path)).unwrap());
        }
    }
}
