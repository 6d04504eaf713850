//! Which passwords are accepted: long enough, not too long, and not guessable.
//!
//! No composition rules and no forced changes (OWASP ASVS 5.0, 6.2.5 and 6.2.10). Guessability is judged by
//! `zxcvbn`, which knows some 30,000 common passwords, names and words, keyboard walks, dates and the usual
//! substitutions, and is told the words of this context: the product, the user's e-mail and name.

use identity::Email;
use zxcvbn::Score;

/// Fewest characters.
pub(crate) const MIN_CHARACTERS: usize = 12;
/// Most characters. Nothing is ever cut off: a longer one is refused.
pub(crate) const MAX_CHARACTERS: usize = 128;
/// Most bytes of UTF-8, so that 128 four-byte characters still fit.
pub(crate) const MAX_BYTES: usize = 512;

/// Needs more than 10⁸ guesses.
const LEAST_SCORE: Score = Score::Three;

/// Characters a password must have beyond the words of its context.
const OWN_CHARACTERS: usize = 6;

/// Words that say "this service" and therefore protect nothing.
const PRODUCT_WORDS: [&str; 4] = ["signet", "appointments", "payments", "scheduling"];

/// Why a password is not accepted; the text may be shown to whoever chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unacceptable {
    #[error("a password has at least {MIN_CHARACTERS} characters")]
    TooShort,
    #[error("a password has at most {MAX_CHARACTERS} characters and {MAX_BYTES} bytes")]
    TooLong,
    #[error("this password is too easy to guess: use several unrelated words or random characters")]
    Guessable,
}

/// Whether a presented password could be one at all, cheap enough to ask before any hashing.
pub(crate) fn is_possible(password: &str) -> bool {
    password.len() <= MAX_BYTES && password.chars().count() <= MAX_CHARACTERS
}

/// Judges a newly chosen password. Takes up to some milliseconds: belongs off the event loop.
pub(crate) fn check(password: &str, email: &Email, name: &str) -> Result<(), Unacceptable> {
    if !is_possible(password) {
        return Err(Unacceptable::TooLong);
    }
    if password.chars().count() < MIN_CHARACTERS {
        return Err(Unacceptable::TooShort);
    }
    let separator = |c: char| !c.is_alphanumeric();
    let mut context: Vec<String> = PRODUCT_WORDS
        .into_iter()
        .chain([email.as_str()])
        .chain(email.as_str().split(separator))
        .chain(name.split(separator))
        // A single letter or two would match in every password and say nothing of it.
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    context.sort_by_key(|word| std::cmp::Reverse(word.len()));
    // zxcvbn takes four guessable parts in a row for a strong whole, even where all of them are one's own name.
    let own = context.iter().fold(password.to_lowercase(), |rest, word| rest.replace(word.as_str(), ""));
    let words: Vec<&str> = context.iter().map(String::as_str).collect();
    if own.chars().count() < OWN_CHARACTERS || zxcvbn::zxcvbn(password, &words).score() < LEAST_SCORE {
        return Err(Unacceptable::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judge(password: &str) -> Result<(), Unacceptable> {
        check(password, &"ada.lovelace@analytical.example".parse().unwrap(), "Ada Lovelace")
    }

    #[test]
    fn length_has_exact_borders_in_characters_and_bytes() {
        assert_eq!(judge("x9#Kq2!vLm7"), Err(Unacceptable::TooShort));
        assert_eq!(judge("x9#Kq2!vLm7w"), Ok(()));
        let long: String = (0..128u32).map(|i| char::from(33 + u8::try_from(i * 37 % 90).unwrap())).collect();
        assert_eq!(judge(&long), Ok(()));
        assert_eq!(judge(&format!("{long}x")), Err(Unacceptable::TooLong));
        let wide: String = (0..128u32).map(|i| char::from_u32(0x1F300 + i * 7 % 191).unwrap()).collect();
        assert_eq!(wide.len(), MAX_BYTES);
        assert_eq!(judge(&wide), Ok(()));
    }

    #[test]
    fn spaces_unicode_and_even_nul_are_characters_like_others() {
        for password in
            ["correct horse battery staple", "čtyři žluté kopečky zmrzliny", "vlk\0Kq2!\0mrak\0pes"]
        {
            assert_eq!(judge(password), Ok(()), "{password:?}");
        }
    }

    #[test]
    fn common_and_patterned_ones_are_refused() {
        for password in [
            "password1234",
            "passwordpassword",
            "P@ssw0rd123!",
            "qwertyuiop123",
            "123456789012",
            "aaaaaaaaaaaaaaaa",
            "iloveyou1234",
            "letmein12345",
            "abcdefghijkl",
            "football2024",
            "trustno1trustno1",
            "administrator",
        ] {
            assert_eq!(judge(password), Err(Unacceptable::Guessable), "{password}");
        }
    }

    #[test]
    fn words_of_the_context_protect_nothing() {
        for password in [
            "lovelace1815",
            "signetsignet",
            "Ada.Lovelace1",
            "analytical12",
            "ada.lovelace@analytical.example",
        ] {
            assert_eq!(judge(password), Err(Unacceptable::Guessable), "{password}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn random_ones_are_accepted(password in "[a-zA-Z0-9]{16,40}") {
            prop_assert_eq!(judge(&password), Ok(()));
        }

        #[test]
        fn no_text_makes_the_judge_fail(password in ".{0,140}", name in ".{0,40}") {
            let _ = check(&password, &"a@b.example".parse().unwrap(), &name);
        }
    }
}
