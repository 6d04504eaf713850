//! The variables a process was started with, taken once.

use std::collections::BTreeMap;

/// Environment variables as a value, so that tests bring their own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own variables. Names or values that are not UTF-8 are not ours and are left out.
    #[must_use]
    pub fn from_process() -> Self {
        let own = std::env::vars_os();
        Self(
            own.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// Sets a variable, whatever it was.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Sets a variable unless it is set already, which is how one process gives its services their defaults.
    pub fn set_default(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        if !self.0.contains_key(&format!("{name}_FILE")) {
            self.0.entry(name).or_insert_with(|| value.into());
        }
    }

    /// Sets `NAME_FILE` unless the variable is set already, directly or by a file.
    pub fn set_default_file(&mut self, name: &str, path: impl Into<String>) {
        if !self.0.contains_key(name) {
            self.0.entry(format!("{name}_FILE")).or_insert_with(|| path.into());
        }
    }

    /// The variable's value; an empty one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
