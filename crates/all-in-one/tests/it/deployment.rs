//! What `deploy/` says of settings, held against the code. `UPDATE_GENERATED=1` writes the documentation anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::program_path;

/// What every program reads besides.
const SHARED: [&str; 2] = ["LOG_", "OTEL_"];
/// What runs on Kubernetes by its manifest, and what the names of its variables begin with.
const MANIFESTS: [(&str, &[&str]); 5] = [
    ("auth-service/deployment.yaml", &["AUTH_"]),
    ("users-service/deployment.yaml", &["USERS_"]),
    ("appointments-service/deployment.yaml", &["APPOINTMENTS_"]),
    ("payments-service/deployment.yaml", &["PAYMENTS_"]),
    ("clients/job.yaml", &["SIGNET_", "AUTH_"]),
];

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

/// What `signet settings` prints, in whatever environment.
fn documentation() -> String {
    let mut command = Command::new(program_path("signet"));
    let printed = command.arg("settings").env_clear().env("AUTH_WORKERS", "7").output().unwrap();
    String::from_utf8(printed.stdout).unwrap()
}

/// Every variable by its name, and whether it must be set.
fn variables() -> BTreeMap<String, bool> {
    let documentation = documentation();
    let lines = documentation.lines().filter_map(|line| line.split_once('='));
    let names = lines.map(|(name, _)| (name.trim_start_matches('#'), !name.starts_with('#')));
    let names = names.filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
    names.map(|(name, required)| (name.trim_end_matches("_FILE").to_owned(), required)).collect()
}

#[test]
fn every_setting_is_documented_as_it_is() {
    let (file, printed) = (deploy().join("env.example"), documentation());
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&file, &printed).unwrap();
    }
    let same = fs::read_to_string(&file).ok() == Some(printed);
    assert!(
        same,
        "deploy/env.example differs from the code: UPDATE_GENERATED=1 cargo test -p all-in-one deployment"
    );
}

#[test]
fn manifests_set_what_there_is_and_what_there_must_be() {
    let (folder, variables) = (deploy().join("kubernetes"), variables());
    let shared =
        read(&folder.join("base/settings.yaml")) + &read(&folder.join("overlays/production/settings.yaml"));
    let secrets = read(&folder.join("README.md"));
    for (program, prefixes) in MANIFESTS {
        let text = read(&folder.join("base").join(program));
        let given: BTreeSet<_> = names(&text).chain(names(&shared)).collect();
        for name in &given {
            assert!(variables.contains_key(name), "{program}: {name} is no setting");
            let own = SHARED.iter().chain(prefixes).any(|prefix| name.starts_with(prefix));
            assert!(own, "{program} is given {name}, which it does not read");
        }
        for (name, required) in &variables {
            let its = prefixes.iter().any(|prefix| name.starts_with(prefix));
            let lacking = *required && its && !given.contains(name);
            assert!(!lacking, "{program} is not given {name}");
        }
        for line in text.lines() {
            let told = line.split_once("/secrets/").or_else(|| line.split_once("secretName: "));
            if let Some((_, secret)) = told {
                assert!(secrets.contains(&format!("`{secret}`")), "README.md does not tell of {secret}");
            }
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The variables that a manifest sets: `- name: AUTH_…` in a container's `env`, `LOG_…:` in a map of settings.
fn names(manifest: &str) -> impl Iterator<Item = String> {
    let words = manifest.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let words = words.filter_map(|line| {
        let entry = line.strip_prefix("- name: ");
        entry.or_else(|| line.split_once(':').map(|(key, _)| key))
    });
    let words = words.filter(|word| {
        word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    });
    words.map(|word| word.strip_suffix("_FILE").unwrap_or(word).to_owned()).collect::<Vec<_>>().into_iter()
}
