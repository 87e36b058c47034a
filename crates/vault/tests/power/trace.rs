//! Reading what strace wrote.

use std::collections::HashMap;
use std::path::Path;

/// The calls that matter: all that write, name, sync or place, and those that would go past the model.
pub(crate) const CALLS: &str = "trace=open,openat,creat,close,dup,dup2,dup3,lseek,fcntl,\
     write,writev,pwrite64,pwritev,pwritev2,copy_file_range,sendfile,splice,ftruncate,truncate,fallocate,\
     rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,\
     fsync,fdatasync,sync_file_range,sync,syncfs,msync,mmap,io_uring_setup";

/// One finished call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// Its arguments as strace shows them, each string as `""`.
    pub(crate) args: Vec<String>,
    /// The strings among them, in order.
    pub(crate) strings: Vec<Vec<u8>>,
    /// What it returned; negative when it failed.
    pub(crate) returned: i64,
    /// How many calls had finished when it began.
    pub(crate) begun: usize,
}

impl Call {
    /// An argument that is a number.
    pub(crate) fn number(&self, at: usize) -> u64 {
        let text = &self.args[at];
        text.parse().unwrap_or_else(|_| panic!("argument {at} of {self:?} is no number"))
    }

    /// A string as a path.
    pub(crate) fn path(&self, at: usize) -> &Path {
        Path::new(std::str::from_utf8(&self.strings[at]).expect("paths here are text"))
    }
}

/// The calls in the order in which they finished.
pub(crate) fn read(file: &Path) -> Vec<Call> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut calls = Vec::new();
    let mut unfinished: HashMap<&str, (String, usize)> = HashMap::new();
    for line in text.lines() {
        let (thread, rest) = line.split_once(' ').expect("strace -f names the thread");
        let rest = rest.trim_start();
        if let Some(part) = rest.strip_suffix(" <unfinished ...>") {
            unfinished.insert(thread, (part.to_owned(), calls.len()));
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, part) = resumed.split_once(" resumed>").expect("a call that is resumed");
            let (mut whole, begun) = unfinished.remove(thread).expect("it was begun");
            whole.push_str(part);
            calls.extend(parse(&whole, begun));
        } else {
            calls.extend(parse(rest, calls.len()));
        }
    }
    calls
}

/// One line without its thread; none for a signal or an exit.
fn parse(line: &str, begun: usize) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (arguments, returned) = rest.rsplit_once(" = ")?;
    let arguments = arguments.trim_end().strip_suffix(')')?;
    let returned = returned.split(' ').next()?;
    let returned = match returned.strip_prefix("0x") {
        Some(address) => i64::from_str_radix(address, 16).unwrap_or(i64::MAX),
        None => returned.parse().ok()?,
    };
    let (args, strings) = split(arguments);
    Some(Call { name: name.to_owned(), args, strings, returned, begun })
}

/// Arguments by the commas between them, and the strings in them, which strace wrote as `\x` and two digits a byte.
fn split(arguments: &str) -> (Vec<String>, Vec<Vec<u8>>) {
    let (mut args, mut strings) = (vec![String::new()], Vec::new());
    let mut depth = 0;
    let mut rest = arguments;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        let current = args.last_mut().expect("it begins with one");
        match next {
            '"' => {
                let (string, after) = rest.split_once('"').expect("a string ends");
                strings.push(hex::decode(string.replace("\\x", "")).expect("strace -xx"));
                current.push_str("\"\"");
                assert!(!after.starts_with("..."), "strace cut a string short");
                rest = after;
            }
            ',' if depth == 0 => args.push(String::new()),
            ' ' if current.is_empty() => {}
            _ => {
                depth += i32::from(matches!(next, '[' | '{')) - i32::from(matches!(next, ']' | '}'));
                current.push(next);
            }
        }
    }
    (args, strings)
}
