//! The language a user reads.

use super::{Unacceptable, ruled_text};

/// What RFC 5646 §4.4.1 reckons a tag needs, without extensions and private use.
const LONGEST: usize = 35;

ruled_text! {
    /// A BCP 47 language tag of the shape `language[-Script][-REGION][-variant…]` (RFC 5646 §2.1), spelt in the
    /// customary case (§2.1.1). Extensions and private subtags say nothing here and are refused.
    Locale
}

impl Locale {
    pub(crate) fn parse(text: &str) -> Result<Self, Unacceptable> {
        let tag = if text.len() <= LONGEST { customary(text) } else { None };
        tag.map(Self).ok_or(Unacceptable("must be a language tag such as en, de-CH or zh-Hant-TW (BCP 47)"))
    }
}

fn customary(text: &str) -> Option<String> {
    let mut subtags = text.split('-').peekable();
    let language = subtags.next().filter(|subtag| is_alphabetic(subtag, 2) || is_alphabetic(subtag, 3))?;
    let mut tag = vec![language.to_ascii_lowercase()];
    if let Some(script) = subtags.next_if(|subtag| is_alphabetic(subtag, 4)) {
        let (first, rest) = script.split_at(1);
        tag.push(first.to_ascii_uppercase() + &rest.to_ascii_lowercase());
    }
    if let Some(region) = subtags.next_if(|subtag| is_alphabetic(subtag, 2) || is_numeric(subtag, 3)) {
        tag.push(region.to_ascii_uppercase());
    }
    for variant in subtags {
        let variant = Some(variant).filter(|subtag| is_variant(subtag))?.to_ascii_lowercase();
        // RFC 5646 §2.2.5: the same variant must not be used twice.
        if tag.contains(&variant) {
            return None;
        }
        tag.push(variant);
    }
    Some(tag.join("-"))
}

fn is_alphabetic(subtag: &str, length: usize) -> bool {
    subtag.len() == length && subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_numeric(subtag: &str, length: usize) -> bool {
    subtag.len() == length && subtag.bytes().all(|byte| byte.is_ascii_digit())
}

/// Five to eight letters or digits, or four that begin with a digit.
fn is_variant(subtag: &str) -> bool {
    let short = subtag.len() == 4 && subtag.starts_with(|first: char| first.is_ascii_digit());
    let long = (5..=8).contains(&subtag.len());
    (short || long) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<String> {
        Locale::parse(text).ok().map(String::from)
    }

    #[test]
    fn tags_are_spelt_in_the_customary_case() {
        for (text, tag) in [
            ("EN", "en"),
            ("gsw", "gsw"),
            ("de-ch", "de-CH"),
            ("ZH-HANT-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sl-ROZAJ-biske", "sl-rozaj-biske"),
            ("de-ch-1996", "de-CH-1996"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(tag), "{text}");
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "e",
            "english",
            "en_US",
            "en-",
            "-en",
            "en--US",
            "en-USA",
            "de-CH-CH",
            "en US",
            "en-12",
            "de-1996-1996",
            "en-u-ca-buddhist",
            "x-private",
            "i-klingon",
            "ën",
            "en-US-\u{0}abcd",
            "de-CH-abcdefgh-bcdefghi-cdefghij-defghijk",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn case_does_not_matter_and_parsing_again_changes_nothing(text in "[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}") {
            let tag = parse(&text);
            prop_assert_eq!(&parse(&text.to_uppercase()), &tag);
            if let Some(tag) = tag {
                prop_assert!(tag.eq_ignore_ascii_case(&text));
                prop_assert_eq!(parse(&tag), Some(tag));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
