//! The command line beside `up`.

use std::{
    collections::HashSet,
    io::Write,
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{
    people::{self, PASSWORD, text},
    process::{Process, program_path},
    signet::{Signet, environment},
};

fn signet(arguments: &[&str], environment: &[(String, String)], input: &str) -> Output {
    let mut child = Command::new(program_path("signet"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().cloned())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn an_administrator_without_a_browser_beside_a_running_system() {
    let running = Signet::start(&[]);
    let link = signet(&["admin", "link"], &running.environment, "");
    assert!(said(&link).contains(&running.admin_secret()), "the link can be printed again");

    let create = ["admin", "create", "--email", "root@example.org", "--name", "Root"];
    let weak = signet(&create, &running.environment, "short\n");
    assert!(!weak.status.success() && said(&weak).contains("12"), "{}", said(&weak));
    let created = signet(&create, &running.environment, &format!("{PASSWORD}\n"));
    assert!(created.status.success(), "{}", said(&created));
    let admin = people::log_in(&running.client(), "root@example.org").await.expect(200).json();
    running.client().with_token(&text(&admin, "access_token")).get("/auth/admin/users").await.expect(200);
    assert!(!signet(&["admin", "link"], &running.environment, "").status.success(), "there is one already");
}

/// What the client `billing` is granted for `secret`.
async fn granted(running: &Signet, secret: &str) -> (u16, Value) {
    let url = format!("{}/oauth2/token", running.base_url);
    let form = [("grant_type", "client_credentials")];
    let request = reqwest::Client::new().post(url).form(&form).basic_auth("billing", Some(secret.trim()));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_client_is_registered_beside_a_running_system() {
    let running = Signet::start(&[]);
    let run = |arguments: &[&str]| signet(&[&["clients"], arguments].concat(), &running.environment, "");
    let register =
        ["register", "billing", "--scope", "revocations", "--scope", "ledger:read", "--audience", "auth"];
    let secret = said(&run(&register));
    let again = run(&register);
    assert!(!again.status.success() && said(&again).contains("billing"), "{}", said(&again));
    let ask = async |secret: &str| granted(&running, secret).await;
    let (status, granted) = ask(&secret).await;
    assert_eq!((status, &granted["scope"]), (200, &"ledger:read revocations".into()), "{granted}");

    let other = said(&run(&["new-secret", "billing"]));
    assert_eq!((ask(&secret).await.0, ask(&other).await.0), (401, 200));
    // The services of the system itself are clients too.
    let list =
        || -> String { said(&run(&["list"])).lines().filter(|line| line.starts_with("billing\t")).collect() };
    assert_eq!(list(), "billing\tledger:read revocations\tauth");
    let acting = ["--service", "reports", "--acts-at", "users", "--acts-at", "mail"];
    let reports = [&["register", "reports", "--scope", "a", "--audience", "b"], &acting[..]].concat();
    assert!(run(&reports).status.success());
    assert!(said(&run(&["list"])).contains("reports\ta\tb\tacts for users of reports at users mail"));
    assert!(run(&["disable", "billing"]).status.success());
    assert!(list().contains("\tdisabled since 20"), "{}", list());
    assert_eq!(ask(&other).await.0, 401);
    assert!(run(&["enable", "billing"]).status.success());
    assert_eq!(ask(&other).await.0, 200);
    assert!(run(&["remove", "billing"]).status.success());
    assert_eq!((ask(&other).await.0, list().as_str()), (401, ""));
    assert!(said(&run(&register)).contains("billing"), "its name is not given again");
    for bad in [
        &["new-secret", "nobody"][..],
        &["disable", "billing"],
        &["register", "Billing", "--scope", "a", "--audience", "b"],
        &["register", "new", "--scope", "a", "--audience", "b", "--service", "new"],
        &["register", "new", "--scope", "a", "--audience", "b", "--acts-at", "new"],
    ] {
        let refused = run(bad);
        assert!(!refused.status.success() && !said(&refused).is_empty(), "{}", said(&refused));
    }
}

#[tokio::test]
async fn signing_keys_are_changed_beside_a_running_system() {
    let running = Signet::start(&[]);
    let client = running.client();
    let run = |arguments: &[&str], input: &str| {
        signet(&[&["keys"], arguments].concat(), &running.environment, input)
    };
    let states = |output: &Output| -> Vec<(String, String)> {
        assert!(output.status.success(), "{}", said(output));
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        let words = table.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        words.map(|words| (words[0].clone(), words[1].clone())).collect()
    };
    let ada = people::register(&client, "ada@example.org").await;
    let ada = client.with_token(&text(&ada, "access_token"));
    ada.get("/users/me").await.expect(200);
    let list = states(&run(&["list"], ""));
    let (first, _) = list.into_iter().find(|(_, state)| state == "active").unwrap();

    for bad in ["garbage", "", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        let refused = run(&["import"], bad);
        assert!(!refused.status.success() && said(&refused).contains("RSA"), "{}", said(&refused));
    }
    // The next one has to be known for a while before it may sign.
    let asked = run(&["rotate"], "");
    assert!(states(&asked).contains(&(first.clone(), "active".to_owned())), "{}", said(&asked));
    assert!(!run(&["revoke", "nobody"], "").status.success());

    let revoked = states(&run(&["revoke", &first], ""));
    assert!(revoked.contains(&(first, "revoked".to_owned())), "{revoked:?}");
    let replaced = async {
        while ada.get("/users/me").await.status != 401 {}
        loop {
            let again = people::log_in(&client, "ada@example.org").await.expect(200).json();
            let ada = client.with_token(&text(&again, "access_token"));
            if ada.get("/users/me").await.status == 200 {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), replaced).await.expect("another key signs");
}

#[tokio::test]
async fn what_was_granted_is_ended_beside_a_running_system() {
    let running = Signet::start(&[]);
    let client = running.client();
    let registered = people::register(&client, "ada@example.org").await;
    let ada = client.with_token(&text(&registered, "access_token"));
    let id = registered["user"]["id"].as_str().unwrap();
    ada.get("/users/me").await.expect(200);
    let revoke = |arguments: &[&str]| signet(&[&["revoke"], arguments].concat(), &running.environment, "");
    assert!(revoke(&["subject", id]).status.success());
    let refused = async {
        while ada.get("/users/me").await.status == 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // A second until the log is read, and whatever the machine is short of.
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("it is refused");
    for unknown in
        [&["subject", "01890000-0000-7000-8000-000000000000"][..], &["session", id], &["token", "x"]]
    {
        assert!(!revoke(unknown).status.success(), "{unknown:?}");
    }
    assert!(revoke(&["token", "AAAAAAAAAAAAAAAAAAAAAA"]).status.success());
}

#[tokio::test]
async fn a_client_is_ensured_by_a_secret_in_a_file() {
    let running = Signet::start(&[]);
    let file = running.folder().join("billing.key");
    let ensure = |secret: &[u8], scope: &str| {
        std::fs::write(&file, secret).unwrap();
        let client =
            ["clients", "ensure", "billing", "--scope", scope, "--audience", "auth", "--secret-file"];
        signet(&[&client[..], &[file.to_str().unwrap()]].concat(), &running.environment, "")
    };
    let (one, other) = ("one-".repeat(8), "other".repeat(8));
    for _ in 0..2 {
        let done = ensure(format!("{one}\n").as_bytes(), "revocations");
        assert!(done.status.success() && !said(&done).contains(&one), "{}", said(&done));
        assert_eq!(granted(&running, &one).await.0, 200);
    }
    assert!(ensure(other.as_bytes(), "ledger:read").status.success());
    assert_eq!(granted(&running, &one).await.0, 401);
    let (status, answer) = granted(&running, &other).await;
    assert_eq!((status, &answer["scope"]), (200, &"ledger:read".into()), "{answer}");

    let long = "x".repeat(1025);
    for (bad, complaint) in [
        (&b""[..], "is empty"),
        (b" \n", "is empty"),
        (&one.as_bytes()[1..], "has less than 32 characters"),
        (long.as_bytes(), "has more than 1024 characters"),
        (format!("{one}\n{one}").as_bytes(), "one word"),
        (&[0xff; 40], "UTF-8"),
    ] {
        let refused = ensure(bad, "revocations");
        let said = said(&refused);
        assert!(!refused.status.success() && said.contains("billing.key: "), "{said}");
        assert!(said.contains(complaint) && !said.contains(&one[1..]), "{said}");
    }
    let nowhere =
        ["clients", "ensure", "billing", "--scope", "a", "--audience", "b", "--secret-file", "/nowhere/key"];
    let refused = signet(&nowhere, &running.environment, "");
    assert!(!refused.status.success() && said(&refused).contains("/nowhere/key: "), "{}", said(&refused));
    assert_eq!(granted(&running, &other).await.0, 200, "nothing of that changed it");
}

#[tokio::test]
async fn a_token_is_judged_as_a_service_would() {
    let running = Signet::start(&[]);
    let token = text(&people::register(&running.client(), "ada@example.org").await, "access_token");
    let verify = ["token", "verify", "--issuer", &running.base_url, "--audience"];
    let good = signet(&[&verify[..], &["users"]].concat(), &[], &token);
    let claims = json(&good);
    assert_eq!(claims["iss"], running.base_url);
    let bad = signet(&[&verify[..], &["billing"]].concat(), &[], &token);
    assert!(!bad.status.success() && said(&bad).contains("audience"), "{}", said(&bad));
}

#[test]
fn a_healthcheck_says_whether_it_runs() {
    let running = Signet::start(&[]);
    assert!(signet(&["healthcheck", &running.base_url], &[], "").status.success());
    assert!(!signet(&["healthcheck", "http://127.0.0.1:9"], &[], "").status.success());
}

#[test]
fn the_doctor_explains_every_setting_and_every_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let mut environment = environment(folder.path());
    let well = signet(&["doctor"], &environment, "");
    assert!(well.status.success(), "{}", said(&well));
    for name in ["AUTH_ACCESS_TOKEN_LIFETIME", "USERS_DATABASE_URL", "APPOINTMENTS_HOLD", "PAYMENTS_LISTEN"] {
        assert!(said(&well).contains(name), "{name}");
    }
    let master = std::fs::read_to_string(folder.path().join("master.key")).unwrap();
    assert!(!said(&well).contains(&master), "no secret is shown");

    environment.push(("AUTH_ACCESS_TOKEN_LIFETIME".into(), "2h".into()));
    environment.push(("USERS_WORKERS".into(), "many".into()));
    environment.push(("PAYMENTS_LISTNE".into(), "127.0.0.1:1".into()));
    for command in ["doctor", "up"] {
        let ill = signet(&[command], &environment, "");
        assert_eq!(ill.status.code(), Some(if command == "up" { 2 } else { 1 }));
        for name in ["AUTH_ACCESS_TOKEN_LIFETIME", "USERS_WORKERS", "PAYMENTS_LISTNE"] {
            assert!(said(&ill).contains(name), "{name} by {command}: {}", said(&ill));
        }
    }
}

#[test]
fn the_contract_is_printed_whole() {
    let printed = signet(&["openapi"], &[], "");
    let document = json(&printed);
    for path in
        ["/auth/login", "/users/me", "/appointments", "/payments/{id}/confirm", "/.well-known/jwks.json"]
    {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let names: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let codes =
        document["info"]["description"].as_str().unwrap().lines().filter_map(|line| line.split('`').nth(1));
    let codes: Vec<_> = codes.filter(|word| !word.contains('/')).collect();
    assert!(codes.contains(&"not_found") && codes.contains(&"slot_taken"), "{codes:?}");
    for list in [names, codes] {
        let distinct: HashSet<_> = list.iter().collect();
        assert_eq!(distinct.len(), list.len(), "each once: {list:?}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(said(&signet(&["version"], &[], "")), format!("signet {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn keys_for_programs_that_read_no_jwks() {
    let running = Signet::start(&[]);
    let jwks_url = format!("{}/.well-known/jwks.json", running.base_url);
    let export = ["keys", "export-public", "--jwks-url", &jwks_url];
    let printed = signet(&export, &running.environment, "");
    let pem = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(pem.matches("-----BEGIN PUBLIC KEY-----").count(), 1, "{pem}");

    let directory = tempfile::tempdir().unwrap();
    let into = [&export[..], &["--directory", directory.path().to_str().unwrap(), "--slots", "2"]].concat();
    assert!(signet(&into, &running.environment, "").status.success());
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!((read("1.pem").trim_end(), read("2.pem")), (pem.trim_end(), read("1.pem")));
    let none = [&export[..], &["--directory", directory.path().to_str().unwrap(), "--slots", "0"]].concat();
    assert!(said(&signet(&none, &running.environment, "")).contains("room for 0"));

    // Whoever goes on writes what is published from then on.
    let going_on = [&into[..], &["--every", "1"]].concat();
    let _exporting = Process::start("signet", &going_on, &running.environment);
    let before = read("1.pem");
    let list = said(&signet(&["keys", "list"], &running.environment, ""));
    let active = list.lines().find(|line| line.contains(" active ")).unwrap().split(' ').next().unwrap();
    assert!(signet(&["keys", "revoke", active], &running.environment, "").status.success());
    let written = async {
        while read("1.pem") == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), written).await.expect("another key is written");
    assert!(!(1..=2).any(|slot| read(&format!("{slot}.pem")) == before), "and the revoked one is nowhere");
}
