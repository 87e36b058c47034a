//! Commands that a sentence tells people to type.

use std::path::Path;

/// A path as one word of a command line that can be pasted into a shell: as it is where that means itself, and else in quotes.
pub fn in_shell(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || "/._-+,:@%=".contains(c) || !c.is_ascii() && c.is_alphanumeric()
    };
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.into_owned();
    }
    // An option is not taken for a path.
    let dot = if text.starts_with('-') { "./" } else { "" };
    format!("'{dot}{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_each_path_as_one_word() {
        for (path, shown) in [
            ("/home/anna/porchlight", "/home/anna/porchlight"),
            ("/home/Jürgen/hub", "/home/Jürgen/hub"),
            ("/media/My Disk/hub", "'/media/My Disk/hub'"),
            ("it's", r"'it'\''s'"),
            ("~", "'~'"),
            ("$HOME;rm -r *", "'$HOME;rm -r *'"),
            ("-rf", "'./-rf'"),
            ("", "''"),
        ] {
            let quoted = in_shell(Path::new(path));
            assert_eq!(quoted, shown);
            let read = Command::new("sh").args(["-c", &format!("printf %s {quoted}")]).output().unwrap();
            let read = String::from_utf8(read.stdout).unwrap();
            assert_eq!(read.trim_start_matches("./"), path);
        }
    }
}
