//! What can be wrong with sentence templates.

/// Why a file of sentence templates could not be read.
///
/// The messages may quote a template, which is text of the project or of a package, never what somebody said.
#[derive(Debug, thiserror::Error)]
pub enum IntentError {
    /// The file is not YAML or JSON of the expected form.
    #[error("the sentence templates could not be read: {0}; fetch them again or check the file's form")]
    Form(String),
    /// One template breaks a rule of the template language or one of its limits.
    #[error("the template \"{template}\" of {intent} cannot be used: {reason}")]
    Template {
        /// The intent it belongs to, or the list or rule it stands in.
        intent: String,
        /// The template as written, cut after 120 characters.
        template: String,
        /// What is wrong.
        reason: TemplateError,
    },
    /// The language is written without spaces between words.
    #[error(
        "the templates are for a language without spaces between words, which this matcher does not read yet; use another language"
    )]
    NoSpaces,
}

/// What is wrong with one template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A bracket was opened and never closed.
    #[error("\"{0}\" is missing at its end; close the bracket")]
    Unclosed(char),
    /// A bracket was closed that was never opened.
    #[error("\"{0}\" closes nothing; open the bracket or write a backslash before it")]
    Unopened(char),
    /// `|` and `;` stand in the same group.
    #[error("\"|\" and \";\" stand in one group; put brackets around one of them")]
    Mixed,
    /// `{}` or `<>`.
    #[error("a list or a rule has no name; write one between the brackets")]
    Unnamed,
    /// A rule is used that is not defined.
    #[error("the rule <{0}> is not defined; define it under expansion_rules")]
    NoRule(String),
    /// A list is used that is not defined.
    #[error("the list {{{0}}} is not defined; define it under lists")]
    NoList(String),
    /// A rule leads back to itself.
    #[error("the rule <{0}> leads back to itself; rules cannot repeat")]
    Loop(String),
    /// One of the limits that keep the work bounded.
    #[error("it is too large ({0}); split it")]
    TooLarge(&'static str),
    /// A value of a list holds a list.
    #[error("a value of a list cannot hold another list; write its words")]
    Nested,
    /// A template that matches no words at all.
    #[error("it can match an empty sentence; make at least one word required")]
    Empty,
}
