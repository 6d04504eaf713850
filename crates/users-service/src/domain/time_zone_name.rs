//! Where the user's clock is.

use jiff::tz::TimeZoneDatabase;

use super::{Unacceptable, ruled_text};

ruled_text! {
    /// The name of a time zone in the IANA database, spelt as there.
    TimeZoneName
}

impl TimeZoneName {
    /// Goes by the database in this program and not the machine's, so that every replica has the same zones.
    pub(crate) fn parse(text: &str) -> Result<Self, Unacceptable> {
        let known = TimeZoneDatabase::bundled().get(text).ok().filter(|zone| !zone.is_unknown());
        let name = known.as_ref().and_then(|zone| zone.iana_name());
        let name = name.ok_or(Unacceptable("must be an IANA time zone such as Europe/Zurich"))?;
        Ok(Self(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Option<String> {
        TimeZoneName::parse(text).ok().map(String::from)
    }

    #[test]
    fn zones_are_known_by_name_in_any_case() {
        assert_eq!(parse("Europe/Zurich").as_deref(), Some("Europe/Zurich"));
        assert_eq!(
            parse("america/argentina/buenos_aires").as_deref(),
            Some("America/Argentina/Buenos_Aires")
        );
        assert_eq!(parse("UTC").as_deref(), Some("UTC"));
    }

    #[test]
    fn offsets_rules_and_paths_are_no_names() {
        for text in [
            "",
            "+01:00",
            "CET-1CEST",
            "Mars/Olympus",
            "../etc/passwd",
            "/usr/share/zoneinfo/UTC",
            "Etc/Unknown",
            "Europe",
            "Europe/Zurich ",
            "Europe/Zurich\0",
            "posix/Europe/Zurich",
            "localtime",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_parsing_again_changes_nothing(text in "[A-Za-z_/+0-9-]{0,24}|\\PC{0,24}") {
            if let Ok(name) = TimeZoneName::parse(&text) {
                prop_assert_eq!(TimeZoneName::parse(&name.0), Ok(name));
            }
        }

        #[test]
        fn the_case_of_a_name_does_not_matter(upper in any::<[bool; 13]>()) {
            let mangled: String = "europe/zurich".chars().zip(upper)
                .map(|(letter, upper)| if upper { letter.to_ascii_uppercase() } else { letter }).collect();
            prop_assert_eq!(parse(&mangled), Some("Europe/Zurich".to_owned()));
        }
    }
}
