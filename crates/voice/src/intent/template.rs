//! The template language, as text and as a tree.
//!
//! It is the language of Home Assistant's sentence templates (the `hassil` parser):
//!
//! | written | means |
//! | --- | --- |
//! | `turn on` | these words |
//! | `(a\|b)` | one of them |
//! | `[a]` | a or nothing |
//! | `(a;b)` | both, in either order |
//! | `{list}`, `{list:slot}` | a value of a list, put into the slot |
//! | `{1..10:slot}` | a number of a range |
//! | `<rule>` | what the expansion rule says |
//! | `\[` | the character itself |

use super::error::TemplateError;

/// Longest template, in bytes.
const MAX_LENGTH: usize = 4096;
/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 32;
/// Most parts of a group that may come in any order: n parts have n! orders.
const MAX_PERMUTED: usize = 6;

/// A template as a tree; its depth is bounded by `MAX_DEPTH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    Text(String),
    Sequence(Vec<Expr>),
    Alternatives(Vec<Expr>),
    Optional(Box<Expr>),
    Permutation(Vec<Expr>),
    List { list: String, slot: String },
    Rule(String),
}

/// Reads a template.
pub(crate) fn parse(text: &str) -> Result<Expr, TemplateError> {
    if text.len() > MAX_LENGTH {
        return Err(TemplateError::TooLarge("over 4096 bytes"));
    }
    Parser { rest: text.chars() }.group(None, 0)
}

struct Parser<'a> {
    rest: std::str::Chars<'a>,
}

impl Parser<'_> {
    /// Everything up to `close`, or to the end of the text.
    fn group(&mut self, close: Option<char>, depth: usize) -> Result<Expr, TemplateError> {
        if depth > MAX_DEPTH {
            return Err(TemplateError::TooLarge("brackets nested over 32 deep"));
        }
        let mut separator = None;
        let mut branches = Vec::new();
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            let c = self.rest.next();
            if !matches!(c, Some('\\')) && c.is_none_or(|c| "()[]{}<>|;".contains(c)) && !literal.is_empty() {
                parts.push(Expr::Text(std::mem::take(&mut literal)));
            }
            match c {
                None => match close {
                    Some(missing) => return Err(TemplateError::Unclosed(missing)),
                    None => break,
                },
                Some(c) if Some(c) == close => break,
                Some('(') => parts.push(self.group(Some(')'), depth + 1)?),
                Some('[') => parts.push(Expr::Optional(Box::new(self.group(Some(']'), depth + 1)?))),
                Some('{') => parts.push(list(&self.name('}')?)?),
                Some('<') => parts.push(Expr::Rule(self.name('>')?)),
                Some(c @ (')' | ']' | '}' | '>')) => return Err(TemplateError::Unopened(c)),
                Some(c @ ('|' | ';')) => {
                    if separator.is_some_and(|s| s != c) {
                        return Err(TemplateError::Mixed);
                    }
                    separator = Some(c);
                    branches.push(Expr::Sequence(std::mem::take(&mut parts)));
                }
                Some('\\') => literal.extend(self.rest.next()),
                Some(c) => literal.push(c),
            }
        }
        let last = Expr::Sequence(parts);
        if separator.is_some() {
            branches.push(last);
            return match separator {
                Some(';') if branches.len() > MAX_PERMUTED => {
                    Err(TemplateError::TooLarge("over 6 parts in any order"))
                }
                Some(';') => Ok(Expr::Permutation(branches)),
                _ => Ok(Expr::Alternatives(branches)),
            };
        }
        Ok(last)
    }

    /// The name of a list or a rule, up to its closing bracket.
    fn name(&mut self, close: char) -> Result<String, TemplateError> {
        let mut name = String::new();
        loop {
            match self.rest.next() {
                None => return Err(TemplateError::Unclosed(close)),
                Some(c) if c == close => break,
                Some(c) => name.push(c),
            }
        }
        if name.trim().is_empty() { Err(TemplateError::Unnamed) } else { Ok(name) }
    }
}

/// `list`, `list:slot`, `list:@capture` or `@list`; a capture is a slot here.
fn list(text: &str) -> Result<Expr, TemplateError> {
    let (list, slot) = match text.split_once(':') {
        Some((list, slot)) => (list, slot.trim_start_matches('@')),
        None => (text.trim_start_matches('@'), text.trim_start_matches('@')),
    };
    if list.is_empty() || slot.is_empty() {
        return Err(TemplateError::Unnamed);
    }
    Ok(Expr::List { list: list.to_owned(), slot: slot.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_form() {
        let Ok(Expr::Sequence(parts)) = parse("a[b|c] ({x};{y:z}) <r> \\[d") else { panic!("a sequence") };
        assert_eq!(parts[0], Expr::Text("a".into()));
        assert!(matches!(&parts[1], Expr::Optional(inner) if matches!(**inner, Expr::Alternatives(_))));
        let Expr::Permutation(both) = &parts[3] else { panic!("a permutation") };
        assert_eq!(both[1], Expr::Sequence(vec![Expr::List { list: "y".into(), slot: "z".into() }]));
        assert_eq!(parts[5], Expr::Rule("r".into()));
        assert_eq!(parts[6], Expr::Text(" [d".into()));
    }

    #[test]
    fn names_what_is_wrong() {
        for (template, error) in [
            ("(a", TemplateError::Unclosed(')')),
            ("a]", TemplateError::Unopened(']')),
            ("{", TemplateError::Unclosed('}')),
            ("<>", TemplateError::Unnamed),
            ("{:a}", TemplateError::Unnamed),
            ("(a|b;c)", TemplateError::Mixed),
            ("(a;b;c;d;e;f;g)", TemplateError::TooLarge("over 6 parts in any order")),
        ] {
            assert_eq!(parse(template), Err(error), "{template}");
        }
        let deep = "(".repeat(2000);
        assert_eq!(parse(&deep), Err(TemplateError::TooLarge("brackets nested over 32 deep")));
        assert_eq!(parse(&"a".repeat(5000)), Err(TemplateError::TooLarge("over 4096 bytes")));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\[\\](){}<>|;: a\\\\]{0,60}") {
            let _ = parse(&text);
        }
    }
}
