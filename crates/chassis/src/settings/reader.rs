//! Reads variables one by one, remembering what exists and what was wrong.

use std::{fs, ops::RangeInclusive, time::Duration};

use secrecy::SecretString;

use super::{Environment, FromText, Mistake};

/// One variable as documentation shows it.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Full name, prefix included.
    pub name: String,
    /// What it is for.
    pub doc: &'static str,
    /// The value when it is not set; `None` when it has no default.
    pub default: Option<String>,
    /// The value in force, `•••` for a secret, `None` when there is none.
    pub value: Option<String>,
    /// Whether it must be set.
    pub required: bool,
    /// Whether its value is shown nowhere.
    pub secret: bool,
    /// What it may be, as in "a whole number, 1 to 256"; empty for a secret.
    pub allowed: String,
}

/// What a secret is expected to be, which is nobody's business here.
const SECRET: &str = "";

/// Defaults that depend on the machine.
const BY_CORES: &str = "one for each core";
const BY_CORES_BUT_ONE: &str = "one for each core but one";

impl Variable {
    /// Whether its default depends on the machine and only stands for a value.
    pub(super) fn is_by_cores(&self) -> bool {
        matches!(self.default.as_deref(), Some(BY_CORES | BY_CORES_BUT_ONE))
    }
}

/// Whether a variable must be set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

/// Reads one group of variables.
pub struct Reader<'e> {
    prefix: &'static str,
    environment: &'e Environment,
    variables: Vec<Variable>,
    mistakes: Vec<Mistake>,
}

impl<'e> Reader<'e> {
    pub(super) fn new(prefix: &'static str, environment: &'e Environment) -> Self {
        Self { prefix, environment, variables: Vec::new(), mistakes: Vec::new() }
    }

    /// What every variable of the group begins with, without the underscore.
    #[must_use]
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// A variable with a default.
    pub fn or<T: FromText>(&mut self, name: &str, doc: &'static str, default: T) -> T {
        let text = self.declare(name, doc, Some(default.to_text()), Need::Optional, T::EXPECTED);
        text.and_then(|text| self.parse(name, &text)).unwrap_or(default)
    }

    /// A variable with a default and bounds.
    pub fn within<T: FromText + PartialOrd>(
        &mut self,
        name: &str,
        doc: &'static str,
        default: T,
        bounds: RangeInclusive<T>,
    ) -> T {
        let value = self.or(name, doc, default);
        let (low, high) = (bounds.start().to_text(), bounds.end().to_text());
        if let Some(variable) = self.variables.last_mut() {
            variable.allowed = format!("{}, {low} to {high}", T::EXPECTED);
        }
        if !bounds.contains(&value) {
            self.mistake(name, format!("{} is outside {low} to {high}", value.to_text()));
        }
        value
    }

    /// A number up to `most` that is by default the number of this machine's processor cores.
    pub fn by_cores(&mut self, name: &str, doc: &'static str, most: usize) -> usize {
        self.by_machine(name, doc, cores(), most, BY_CORES)
    }

    /// A number up to `most` that by default leaves one of this machine's processor cores to others, if it has several.
    pub fn by_cores_but_one(&mut self, name: &str, doc: &'static str, most: usize) -> usize {
        self.by_machine(name, doc, cores() - 1, most, BY_CORES_BUT_ONE)
    }

    fn by_machine(
        &mut self,
        name: &str,
        doc: &'static str,
        default: usize,
        most: usize,
        told: &str,
    ) -> usize {
        let value = self.within(name, doc, default.clamp(1, most), 1..=most);
        if let Some(variable) = self.variables.last_mut() {
            variable.default = Some(told.to_owned());
        }
        value
    }

    /// A duration with a default and bounds.
    pub fn duration(
        &mut self,
        name: &str,
        doc: &'static str,
        default: Duration,
        bounds: RangeInclusive<Duration>,
    ) -> Duration {
        self.within(name, doc, default, bounds)
    }

    /// A variable that must be set.
    pub fn required<T: FromText>(&mut self, name: &str, doc: &'static str) -> Option<T> {
        let text = self.declare(name, doc, None, Need::Required, T::EXPECTED)?;
        self.parse(name, &text)
    }

    /// A variable that may be left out.
    pub fn optional<T: FromText>(&mut self, name: &str, doc: &'static str) -> Option<T> {
        let text = self.declare(name, doc, None, Need::Optional, T::EXPECTED)?;
        self.parse(name, &text)
    }

    /// A secret that must be set, best by `NAME_FILE`. There is never a default.
    pub fn secret(&mut self, name: &str, doc: &'static str) -> Option<SecretString> {
        self.declare(name, doc, None, Need::Required, SECRET).map(SecretString::from)
    }

    /// A secret that may be left out, best given by `NAME_FILE`.
    pub fn optional_secret(&mut self, name: &str, doc: &'static str) -> Option<SecretString> {
        self.declare(name, doc, None, Need::Optional, SECRET).map(SecretString::from)
    }

    /// Records that a value is wrong for a reason only the caller knows.
    pub fn mistake(&mut self, name: &str, problem: impl Into<String>) {
        self.mistakes.push(Mistake { variable: self.full_name(name), problem: problem.into() });
    }

    /// Records every variable under the prefix that nothing has read.
    pub(super) fn refuse_unknown(&mut self) {
        let own = format!("{}_", self.prefix);
        for name in self.environment.names().filter(|name| name.starts_with(&own)) {
            let base = name.strip_suffix("_FILE").unwrap_or(name);
            if !self.variables.iter().any(|variable| variable.name == name || variable.name == base) {
                let problem = "is not a setting; `signet doctor` lists those that are".to_owned();
                self.mistakes.push(Mistake { variable: name.to_owned(), problem });
            }
        }
    }

    pub(super) fn finish(self) -> (Vec<Variable>, Vec<Mistake>) {
        (self.variables, self.mistakes)
    }

    fn declare(
        &mut self,
        name: &str,
        doc: &'static str,
        default: Option<String>,
        need: Need,
        expected: &'static str,
    ) -> Option<String> {
        let before = self.mistakes.len();
        let text = self.text(name);
        let (required, secret) = (need == Need::Required, expected == SECRET);
        if text.is_none() && required && self.mistakes.len() == before {
            self.mistake(name, format!("is required: {doc}"));
        }
        let shown = if secret { text.as_ref().map(|_| "•••".to_owned()) } else { text.clone() };
        let value = shown.or_else(|| default.clone());
        let (name, allowed) = (self.full_name(name), expected.to_owned());
        self.variables.push(Variable { name, doc, default, value, required, secret, allowed });
        text
    }

    /// The variable's text: given directly, or the content of the file that `NAME_FILE` names.
    fn text(&mut self, name: &str) -> Option<String> {
        let full = self.full_name(name);
        let direct = self.environment.get(&full);
        let path = self.environment.get(&format!("{full}_FILE"));
        match (direct, path) {
            (Some(_), Some(_)) => {
                self.mistake(name, format!("is set twice, directly and by {full}_FILE"));
                None
            }
            (Some(text), None) => Some(text.to_owned()),
            (None, Some(path)) => match fs::read_to_string(path) {
                Ok(text) => Some(text.trim_end().to_owned()),
                Err(error) => {
                    self.mistake(name, format!("{full}_FILE names {path}, which cannot be read: {error}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    fn parse<T: FromText>(&mut self, name: &str, text: &str) -> Option<T> {
        let value = T::from_text(text);
        if value.is_none() {
            self.mistake(name, format!("{text:?} must be {}", T::EXPECTED));
        }
        value
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}_{name}", self.prefix)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::settings::{Settings, examine, load};

    #[derive(Debug)]
    struct Sample {
        port: u16,
        key: SecretString,
    }

    impl Settings for Sample {
        const PREFIX: &'static str = "SAMPLE";

        fn read(reader: &mut Reader<'_>) -> Option<Self> {
            let port = reader.within("PORT", "where it listens", 80, 1..=1000);
            let key = reader.secret("KEY", "what it signs with");
            Some(Self { port, key: key? })
        }
    }

    fn environment<const N: usize>(variables: [(&str, &str); N]) -> Environment {
        variables.into_iter().collect()
    }

    #[test]
    fn defaults_hold_until_something_is_set() {
        let sample = load::<Sample>(&environment([("SAMPLE_KEY", "k")])).unwrap();
        assert_eq!((sample.port, sample.key.expose_secret()), (80, "k"));
    }

    #[test]
    fn what_is_allowed_is_documented() {
        let variables = examine::<Sample>(&environment([])).variables;
        let told: Vec<_> =
            variables.iter().map(|one| (one.allowed.as_str(), one.required, one.secret)).collect();
        assert_eq!(told, [("a whole number up to 65535, 1 to 1000", false, false), ("", true, true)]);
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let wrong =
            environment([("SAMPLE_PORT", "x"), ("SAMPLE_PROT", "1"), ("OTHER_KEY", "no business of ours")]);
        let mistakes = load::<Sample>(&wrong).unwrap_err();
        let named: Vec<_> = mistakes.0.iter().map(|mistake| mistake.variable.as_str()).collect();
        assert_eq!(named, ["SAMPLE_PORT", "SAMPLE_KEY", "SAMPLE_PROT"]);
        let outside = environment([("SAMPLE_PORT", "1001"), ("SAMPLE_KEY", "k")]);
        assert!(load::<Sample>(&outside).unwrap_err().to_string().contains("1001 is outside 1 to 1000"));
    }

    #[test]
    fn a_secret_comes_from_a_file_and_is_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "canary\n").unwrap();
        let path = file.path().to_str().unwrap();
        let reading = examine::<Sample>(&environment([("SAMPLE_KEY_FILE", path)]));
        assert_eq!(reading.settings.unwrap().key.expose_secret(), "canary");
        assert!(!format!("{:?}", reading.variables).contains("canary"));
        let twice = environment([("SAMPLE_KEY", "canary"), ("SAMPLE_KEY_FILE", path)]);
        let mistakes = load::<Sample>(&twice).unwrap_err().to_string();
        assert!(mistakes.contains("set twice") && !mistakes.contains("canary"), "{mistakes}");
    }
}
