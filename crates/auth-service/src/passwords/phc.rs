//! One password hash: Argon2id in PHC string form, with bounds on what a stored string may make us compute.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
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
    /// The system gives none.
    #[error("there are no threads to compute password hashes on")]
    NoThreads,
    /// Another program has written it.
    #[error("a stored password hash is not an Argon2id string with sensible parameters")]
    Absurd,
}

/// What a hash is computed in: kept from one to the next, it need not be asked of the system every time, nor be given
/// back, for which all threads of the process wait.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// So many at least.
    fn blocks(&mut self, count: usize) -> Result<&mut [Block], HashError> {
        let Self(blocks) = self;
        blocks.try_reserve_exact(count.saturating_sub(blocks.len())).map_err(|_| HashError::NotComputed)?;
        blocks.resize(count.max(blocks.len()), Block::default());
        Ok(blocks)
    }
}

/// Hashes `password` with a new salt.
pub(super) fn hash(
    password: &str,
    parameters: Parameters,
    entropy: &dyn Entropy,
    memory: &mut Memory,
) -> Result<String, HashError> {
    let mut salt = [0; argon2::RECOMMENDED_SALT_LEN];
    entropy.fill(&mut salt);
    let params = Params::new(parameters.memory, parameters.passes, Parameters::LANES, None);
    let params = params.map_err(|_| HashError::NotComputed)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| HashError::NotComputed)?,
        salt: Some(Salt::new(&salt).map_err(|_| HashError::NotComputed)?),
        hash: Some(compute(password, &salt, params, memory)?),
    };
    Ok(hash.to_string())
}

/// Whether `password` is the one that `stored` was made of. Compares in constant time.
pub(super) fn verify(password: &str, stored: &str, memory: &mut Memory) -> Result<bool, HashError> {
    let (params, salt, expected) = parse(stored)?;
    Ok(compute(password, &salt, params, memory)? == expected)
}

/// Such outputs are compared in constant time.
fn compute(password: &str, salt: &[u8], params: Params, memory: &mut Memory) -> Result<Output, HashError> {
    let blocks = memory.blocks(params.block_count())?;
    let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, blocks)
        .map_err(|_| HashError::NotComputed)?;
    Output::new(&output).map_err(|_| HashError::NotComputed)
}

/// Whether `stored` was made with other parameters than are current.
pub(super) fn is_outdated(stored: &str, current: Parameters) -> bool {
    parse(stored).ok().is_none_or(|(params, ..)| {
        (params.m_cost(), params.t_cost(), params.p_cost())
            != (current.memory, current.passes, Parameters::LANES)
    })
}

fn parse(stored: &str) -> Result<(Params, Salt, Output), HashError> {
    let hash = PasswordHash::new(stored).map_err(|_| HashError::Absurd)?;
    let params = Params::try_from(&hash).map_err(|_| HashError::Absurd)?;
    let (Some(salt), Some(output)) = (hash.salt, hash.hash) else { return Err(HashError::Absurd) };
    let ours = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && output.len() >= Params::DEFAULT_OUTPUT_LEN
        && params.m_cost() <= Parameters::MOST.memory
        && params.t_cost() <= Parameters::MOST.passes
        && params.p_cost() <= 4;
    if ours { Ok((params, salt, output)) } else { Err(HashError::Absurd) }
}

#[cfg(test)]
mod tests {
    use identity::SystemEntropy;

    use super::*;

    const CHEAP: Parameters = Parameters { memory: 64, passes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_is_never_made_twice() {
        let memory = &mut Memory::default();
        let (one, two) = (
            hash("secret", CHEAP, &SystemEntropy, memory).unwrap(),
            hash("secret", CHEAP, &SystemEntropy, memory).unwrap(),
        );
        assert_ne!(one, two);
        assert_eq!(verify("secret", &one, memory), Ok(true));
        assert_eq!(verify("Secret", &one, memory), Ok(false));
        assert_eq!(verify("", &one, memory), Ok(false));
    }

    #[test]
    fn what_was_computed_before_changes_nothing() {
        let memory = &mut Memory::default();
        for cost in [64, 256, 32] {
            let parameters = Parameters { memory: cost, passes: 1 };
            let text = hash("secret", parameters, &SystemEntropy, memory).unwrap();
            assert_eq!(verify("secret", &text, &mut Memory::default()), Ok(true));
            assert_eq!(verify("secret", &text, memory), Ok(true));
            assert_eq!(verify("Secret", &text, memory), Ok(false));
        }
    }

    /// Of the reference implementation of RFC 9106, `test.c`.
    #[test]
    fn what_others_have_made_is_understood() {
        let theirs = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert_eq!(verify("password", theirs, &mut Memory::default()), Ok(true));
        assert_eq!(verify("passwort", theirs, &mut Memory::default()), Ok(false));
    }

    #[test]
    fn current_parameters_are_the_agreed_ones() {
        let memory = &mut Memory::default();
        let text = hash("secret", Parameters::CURRENT, &SystemEntropy, memory).unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=12288,t=3,p=1$"), "{text}");
        assert!(!is_outdated(&text, Parameters::CURRENT));
    }

    #[test]
    fn other_parameters_are_outdated() {
        let memory = &mut Memory::default();
        let text = hash("secret", CHEAP, &SystemEntropy, memory).unwrap();
        assert!(is_outdated(&text, Parameters::CURRENT));
        assert!(!is_outdated(&text, CHEAP));
    }

    #[test]
    fn absurd_strings_are_refused_before_anything_is_computed() {
        let memory = &mut Memory::default();
        let good = hash("secret", CHEAP, &SystemEntropy, memory).unwrap();
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
            assert_eq!(verify("secret", &bad, memory), Err(HashError::Absurd), "{bad}");
        }
        for bad in ["", "secret", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=64,t=1,p=1"] {
            assert_eq!(verify("secret", bad, memory), Err(HashError::Absurd), "{bad}");
        }
    }
}
