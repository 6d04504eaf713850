//! Settings: the environment in, a value or all mistakes at once out.
//!
//! A service describes its variables by reading them ([`Settings::read`]); from that one description come the
//! values, the refusal of unknown keys, the table that `signet doctor` prints and the [`template`] of all. Where next: [`Reader`].

mod environment;
mod mistake;
mod reader;
mod template;
mod variable;

pub use environment::Environment;
pub use mistake::{Mistake, Mistakes};
pub use reader::{Reader, Variable};
pub use template::template;
pub use variable::{FromText, format_duration};

/// A group of variables with a common prefix, such as everything that begins with `AUTH_`.
pub trait Settings: Sized {
    /// The prefix without its underscore.
    const PREFIX: &'static str;
    /// Whether others have variables under this prefix too, so that one nobody here knows is no mistake.
    const IS_SHARED: bool = false;

    /// Reads each variable once, in the order in which they should be documented. `None` only when a reading
    /// returned `None`, which has recorded a mistake.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
}

/// What was found out while reading one group.
pub struct Reading<S> {
    /// Every variable that exists, in reading order.
    pub variables: Vec<Variable>,
    /// The settings, or all mistakes.
    pub settings: Result<S, Mistakes>,
}

/// Reads a group, keeping what `signet doctor` shows.
#[must_use]
pub fn examine<S: Settings>(environment: &Environment) -> Reading<S> {
    let mut reader = Reader::new(S::PREFIX, environment);
    let settings = S::read(&mut reader);
    if !S::IS_SHARED {
        reader.refuse_unknown();
    }
    let (variables, mistakes) = reader.finish();
    let settings = match settings {
        Some(settings) if mistakes.is_empty() => Ok(settings),
        _ => Err(Mistakes(mistakes)),
    };
    Reading { variables, settings }
}

/// Reads a group.
///
/// # Errors
/// All mistakes of the group together: missing, unreadable and unknown variables.
pub fn load<S: Settings>(environment: &Environment) -> Result<S, Mistakes> {
    examine(environment).settings
}
