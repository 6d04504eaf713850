//! What each service's program can be asked besides running.

use std::process::{Command, Output};

use crate::{process::program_path, signet::Signet};

const SERVICES: [&str; 4] = ["auth", "users", "appointments", "payments"];

fn ask(service: &str, arguments: &[&str], environment: &[(String, String)]) -> Output {
    let mut program = Command::new(program_path(&format!("{service}-service")));
    program.args(arguments).env_clear().envs(environment.iter().cloned()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_program_tells_its_version_and_its_settings() {
    for service in SERVICES {
        let version = ask(service, &["--version"], &[]);
        assert_eq!(text(&version.stdout), format!("{service}-service {}\n", env!("CARGO_PKG_VERSION")));
        let help = ask(service, &["--help"], &[]);
        assert!(help.status.success());
        let settings = format!("{}_DATABASE_URL (required)", service.to_uppercase());
        assert!(text(&help.stdout).contains(&settings), "{}", text(&help.stdout));
        for arguments in [&["serve"][..], &["healthcheck", "now"], &["--help", "--version"]] {
            let refused = ask(service, arguments, &[]);
            assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
            assert!(text(&refused.stderr).contains("--help"), "{}", text(&refused.stderr));
        }
    }
}

#[test]
fn a_healthcheck_asks_the_program_that_these_settings_run() {
    let mut signet = Signet::start_with(&[], [("SIGNET_DRAIN_NOTICE".to_owned(), "5s".to_owned())]);
    let environment = signet.environment.clone();
    // Of the settings it needs none but the port, and it minds no other.
    let listen = |service: &str| {
        let name = format!("{}_LISTEN", service.to_uppercase());
        let listen = environment.iter().find(|(other, _)| *other == name).unwrap().clone();
        [listen, (format!("{}_WORKERS", service.to_uppercase()), "many".to_owned())]
    };
    for service in SERVICES {
        let ready = ask(service, &["healthcheck"], &listen(service));
        assert_eq!(ready.status.code(), Some(0), "{}", text(&ready.stderr));
        assert!(text(&ready.stdout).contains(r#""status":"ready""#));
    }
    let whole = || {
        Command::new(program_path("signet"))
            .arg("healthcheck")
            .env_clear()
            .envs(environment.iter().cloned())
            .output()
            .unwrap()
    };
    assert_eq!(whole().status.code(), Some(0), "{}", text(&whole().stderr));

    signet.process.signal("TERM");
    signet.process.until_logged("shutting down");
    let unready = |asked: Output| {
        assert_eq!(asked.status.code(), Some(1));
        assert!(
            text(&asked.stdout).contains("shutting down"),
            "{}{}",
            text(&asked.stdout),
            text(&asked.stderr)
        );
    };
    for service in SERVICES {
        unready(ask(service, &["healthcheck"], &listen(service)));
    }
    unready(whole());

    signet.process.signal("INT");
    assert!(signet.process.ended().success());
    for service in SERVICES {
        let gone = ask(service, &["healthcheck"], &listen(service));
        assert_eq!(gone.status.code(), Some(1));
        assert!(text(&gone.stderr).contains("does not answer"), "{}", text(&gone.stderr));
    }
}
