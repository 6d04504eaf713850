//! What can be wrong with settings, told so that it can be put right without reading the source.

use std::fmt;

/// One thing wrong with one variable. Never carries the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable's full name.
    pub variable: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Everything that is wrong, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "{count} setting{} cannot be used:", if count == 1 { "" } else { "s" })?;
        self.0.iter().try_for_each(|Mistake { variable, problem }| write!(f, "\n  {variable}: {problem}"))
    }
}

impl std::error::Error for Mistakes {}
