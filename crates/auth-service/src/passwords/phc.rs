//! One password hash: Argon2id in PHC string form, with bounds on what a stored string may make us compute.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use identity::Entropy;

/// Cost of one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// Memory in KiB.
    pub(crate) memory: u32,
    /// Passes over the memory.
    pub(crate) passes: u32,
}

impl Parameters {
    /// 12 MiB and three passes on one lane: what OWASP's password storage sheet and ASVS 5.0 (11.4.2) both
    /// accept; about 25 ms.
    pub(crate) const CURRENT: Self = Self { memory: 12 * 1024, passes: 3 };

    /// Lanes are not worth their threads when many users log in at once.
    const LANES: u32 = 1;
    /// A stored string that asks for more than this was not written by us: computing it would be an attack.
    const MOST: Self = Self { memory: 128 * 1024, passes: 30 };
}

/// A hash cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Not enough memory, most likely.
    #[error("a password hash could not be computed")]
    NotComputed,
    /// Another program has written it.
    #[error("a stored password hash is not an Argon2id string with sensible parameters")]
    Absurd,
}

/// Hashes `password` with a new salt.
pub(super) fn hash(
    password: &str,
    parameters: Parameters,
    entropy: &dyn Entropy,
) -> Result<String, HashError> {
    let mut salt = [0; argon2::RECOMMENDED_SALT_LEN];
    entropy.fill(&mut salt);
    let params = Params::new(parameters.memory, parameters.passes, Parameters::LANES, None);
    let argon2 =
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| HashError::NotComputed)?);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(|_| HashError::NotComputed)?.to_string())
}

/// Whether `password` is the one that `stored` was made of. Compares in constant time.
pub(super) fn verify(password: &str, stored: &str) -> Result<bool, HashError> {
    let hash = parse(stored)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether `stored` was made with other parameters than are current.
pub(super) fn is_outdated(stored: &str, current: Parameters) -> bool {
    let parameters = parse(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
    parameters.is_none_or(|params| {
        (params.m_cost(), params.t_cost(), params.p_cost())
            != (current.memory, current.passes, Parameters::LANES)
    })
}

fn parse(stored: &str) -> Result<PasswordHash, HashError> {
    let hash = PasswordHash::new(stored).map_err(|_| HashError::Absurd)?;
    let params = Params::try_from(&hash).map_err(|_| HashError::Absurd)?;
    let ours = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && hash.salt.is_some()
        && hash.hash.is_some_and(|output| output.len() >= Params::DEFAULT_OUTPUT_LEN)
        && params.m_cost() <= Parameters::MOST.memory
        && params.t_cost() <= Parameters::MOST.passes
        && params.p_cost() <= 4;
    if ours { Ok(hash) } else { Err(HashError::Absurd) }
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    const CHEAP: Parameters = Parameters { memory: 64, passes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_is_never_made_twice() {
        let (one, two) =
            (hash("secret", CHEAP, &SystemEntropy).unwrap(), hash("secret", CHEAP, &SystemEntropy).unwrap());
        assert_ne!(one, two);
        assert_eq!(verify("secret", &one), Ok(true));
        assert_eq!(verify("Secret", &one), Ok(false));
        assert_eq!(verify("", &one), Ok(false));
    }

    #[test]
    fn current_parameters_are_the_agreed_ones() {
        let text = hash("secret", Parameters::CURRENT, &SystemEntropy).unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{text}");
        assert!(!is_outdated(&text, Parameters::CURRENT));
    }

    #[test]
    fn other_parameters_are_outdated() {
        let text = hash("secret", CHEAP, &SystemEntropy).unwrap();
        assert!(is_outdated(&text, Parameters::CURRENT));
        assert!(!is_outdated(&text, CHEAP));
    }

    #[test]
    fn absurd_strings_are_refused_before_anything_is_computed() {
        let good = hash("secret", CHEAP, &SystemEntropy).unwrap();
        for (from, to) in [
            ("m=64", "m=4194304"),
            ("t=1", "t=4000000"),
            ("p=1", "p=8"),
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("$v=19", ""),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert_eq!(verify("secret", &bad), Err(HashError::Absurd), "{bad}");
        }
        for bad in ["", "secret", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=64,t=1,p=1"] {
            assert_eq!(verify("secret", bad), Err(HashError::Absurd), "{bad}");
        }
    }
}
