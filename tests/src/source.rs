//! The project's own source, as those tests read it that hold it to what ARCHITECTURE.md and docs/claims.md say.

/// What stands before a file's own tests. Tests in a file of their own are only declared, and what follows is code like any other.
pub fn without_tests(source: &str) -> &str {
    let mut tests = source.match_indices("#[cfg(test)]\n").filter(|(at, _)| {
        let mut lines = source[*at..].lines().skip_while(|line| line.starts_with("#["));
        lines.next().is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
    });
    tests.next().map_or(source, |(at, _)| &source[..at])
}
