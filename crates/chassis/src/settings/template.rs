//! A group of variables as a file to fill in: what each is for, what it may be, and its default.

use std::fmt::Write;

use super::{Environment, Settings, Variable, examine};

/// Documents every variable of a group, whatever the environment holds. What has a default is commented out.
#[must_use]
pub fn template<S: Settings>() -> String {
    let variables = examine::<S>(&Environment::default()).variables;
    variables.iter().map(entry).collect()
}

fn entry(variable: &Variable) -> String {
    let Variable { name, doc, default, required, secret, allowed, .. } = variable;
    let mut entry = format!("\n# {doc}\n");
    // Writing to a string cannot fail.
    let _ = match (secret, required, default) {
        (true, true, _) => writeln!(entry, "# Required, a secret.\n{name}_FILE="),
        (true, false, _) => writeln!(entry, "# A secret.\n#{name}_FILE="),
        (false, true, _) => writeln!(entry, "# Required: {allowed}.\n{name}="),
        (false, false, None) => writeln!(entry, "# Takes {allowed}; not set by default.\n#{name}="),
        // What stands for a value cannot be given as one.
        (false, false, Some(default)) if variable.is_by_cores() => {
            writeln!(entry, "# Takes {allowed}; {default} by default.\n#{name}=")
        }
        (false, false, Some(default)) => writeln!(entry, "# Takes {allowed}. Default:\n#{name}={default}"),
    };
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Reader;

    struct Sample;

    impl Settings for Sample {
        const PREFIX: &'static str = "SAMPLE";

        fn read(reader: &mut Reader<'_>) -> Option<Self> {
            reader.within("PORT", "Where it listens.", 80_u16, 1..=1000);
            reader.by_cores("THREADS", "How many at once.", 64);
            reader.by_cores_but_one("HASHES", "How many beside it.", 64);
            reader.optional::<String>("NAME", "What it is called.");
            let issuer = reader.required::<String>("ISSUER", "Whom it trusts.");
            let key = reader.secret("KEY", "What it signs with.");
            issuer.and(key).map(|_| Self)
        }
    }

    #[test]
    fn every_kind_of_variable_is_told_as_it_is() {
        let told = template::<Sample>();
        for entry in [
            "# Where it listens.\n# Takes a whole number up to 65535, 1 to 1000. Default:\n#SAMPLE_PORT=80\n",
            "# Takes a whole number, 1 to 64; one for each core by default.\n#SAMPLE_THREADS=\n",
            "# How many beside it.\n# Takes a whole number, 1 to 64; one for each core but one by default.\n#SAMPLE_HASHES=\n",
            "# What it is called.\n# Takes text; not set by default.\n#SAMPLE_NAME=\n",
            "# Whom it trusts.\n# Required: text.\nSAMPLE_ISSUER=\n",
            "# What it signs with.\n# Required, a secret.\nSAMPLE_KEY_FILE=\n",
        ] {
            assert!(told.contains(entry), "{told}");
        }
    }
}
