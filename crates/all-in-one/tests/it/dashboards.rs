//! Dashboards and alerts (deploy/observability) ask for what the services really count: a system is started, used, and
//! its `/metrics` compared with every query. What Prometheus makes of the rules, scripts/check-observability checks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use serde_json::{Value, json};

use crate::{
    journey::{IS_DECLINED, PAYS, open_for_business, pay},
    people::{self, text},
    process::free_port,
    signet::Signet,
};

/// What a query selects: a metric, and the labels it must have, with their values where one is given.
#[derive(Debug, PartialEq, Eq)]
struct Selector {
    metric: String,
    labels: BTreeMap<String, Option<String>>,
}

#[tokio::test]
async fn every_query_finds_what_it_asks_for() {
    let metrics = metrics_of_a_used_system().await;
    let samples: Vec<_> = metrics.lines().filter(|line| !line.starts_with('#')).collect();
    let mut missing = BTreeSet::new();
    for (place, query) in dashboards().iter().flat_map(queries).chain(alerts()) {
        let selectors = selectors(&query);
        assert!(!selectors.is_empty(), "{place} asks for nothing: {query}");
        missing.extend(
            selectors
                .iter()
                // That one Prometheus makes by itself.
                .filter(|selector| selector.metric != "up")
                .filter(|selector| !samples.iter().any(|sample| selector.selects(sample)))
                .map(|selector| format!("{place}: {selector:?}")),
        );
    }
    assert_eq!(missing, BTreeSet::new(), "in\n{metrics}");
}

#[test]
fn dashboards_have_names_of_their_own_and_known_sources() {
    let sources = file("grafana/provisioning/datasources/datasources.yml");
    let sources: BTreeSet<_> = sources.lines().filter_map(|line| line.trim().strip_prefix("uid: ")).collect();
    let dashboards = dashboards();
    for member in ["uid", "title"] {
        let names: BTreeSet<_> = dashboards.iter().map(|dashboard| text(dashboard, member)).collect();
        assert_eq!(names.len(), dashboards.len(), "{names:?}");
    }
    for dashboard in &dashboards {
        let panels = dashboard["panels"].as_array().unwrap();
        let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
        assert_eq!(ids.len(), panels.len());
        let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        for user in panels.iter().chain(targets).chain(variables) {
            let source = user["datasource"]["uid"].as_str().unwrap_or_default();
            assert!(sources.contains(source), "{user}");
        }
    }
}

#[test]
fn queries_are_read_right() {
    let found = selectors(
        r#"sum by (le) (rate(a_total{service="c d", e=~"f|g"}[5m])) / (x > 0.02 and y_bucket{h!=""})"#,
    );
    let selector = |metric: &str, labels: &[(&str, Option<&str>)]| Selector {
        metric: metric.to_owned(),
        labels: labels.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect(),
    };
    let expected = [
        selector("a_total", &[("service", Some("c d")), ("e", None)]),
        selector("x", &[]),
        selector("y_bucket", &[("h", None)]),
    ];
    assert_eq!(found, expected);
    assert!(found[0].selects(r#"a_total{e="f",service="c d"} 1"#));
    assert!(!found[0].selects(r#"a_total{e="f",service="c"} 1"#));
    assert!(!found[0].selects(r#"a_totals{e="f",service="c d"} 1"#));
    assert!(!found[0].selects(r#"a_total{service="c d"} 1"#));
}

impl Selector {
    /// Whether `sample` is one of them. What requests were for and how they ended need not have happened yet; which
    /// services and routes there are is known.
    fn selects(&self, sample: &str) -> bool {
        let (series, _) = sample.rsplit_once(' ').unwrap_or_default();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = format!(",{labels}");
        // Prometheus itself adds these.
        let ours = |name: &str| !["job", "instance"].contains(&name);
        name == self.metric
            && self.labels.iter().filter(|(label, _)| ours(label)).all(|(label, value)| match value {
                Some(value) if ["service", "route"].contains(&label.as_str()) => {
                    labels.contains(&format!(r#",{label}="{value}""#))
                }
                _ => labels.contains(&format!(r#",{label}=""#)),
            })
    }
}

fn file(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/observability"))
}

fn dashboards() -> Vec<Value> {
    let entries = fs::read_dir(folder().join("grafana/dashboards")).unwrap();
    let dashboards: Vec<Value> = entries
        .map(|entry| serde_json::from_str(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    assert!(dashboards.len() >= 4);
    dashboards
}

/// Where each query of a dashboard is, and the query.
fn queries(dashboard: &Value) -> Vec<(String, String)> {
    let panels = dashboard["panels"].as_array().unwrap();
    panels
        .iter()
        .flat_map(|panel| {
            let place = format!("{} / {}", text(dashboard, "title"), text(panel, "title"));
            let targets = panel["targets"].as_array().unwrap();
            targets.iter().map(move |target| (place.clone(), text(target, "expr")))
        })
        .collect()
}

/// The same of the alerts.
fn alerts() -> Vec<(String, String)> {
    let alerts = file("alerts.yml");
    let alerts = alerts.split("- alert: ").skip(1).map(|alert| {
        let (name, rest) = alert.split_once('\n').unwrap();
        let (_, query) = rest.split_once("expr: ").unwrap();
        let (query, _) = query.split_once("labels: ").unwrap();
        let query = query.split_once("for: ").map_or(query, |(query, _)| query);
        (name.to_owned(), query.trim_start_matches(">-").to_owned())
    });
    alerts.collect()
}

/// The selectors of a `PromQL` query.
fn selectors(query: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_alphabetic() || "[\"$".contains(letter))
    {
        let here = &rest[start..];
        if here.starts_with('[') {
            rest = here.split_once(']').unwrap().1;
            continue;
        }
        let end =
            here.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(here.len());
        let (word, after) = here.split_at(end.max(1));
        rest = after.trim_start();
        match word {
            "by" | "without" | "on" | "ignoring" => rest = rest.split_once(')').unwrap().1,
            "and" | "or" | "unless" => {}
            _ if ["(", "by ", "without "].iter().any(|next| rest.starts_with(next)) => {}
            _ => {
                let matchers = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
                rest = matchers.map_or(rest, |(_, after)| after);
                let labels = matchers.map(|(matchers, _)| labels(matchers)).unwrap_or_default();
                found.push(Selector { metric: word.to_owned(), labels });
            }
        }
    }
    found
}

fn labels(matchers: &str) -> BTreeMap<String, Option<String>> {
    let matchers = matchers.split(", ").map(|matcher| {
        let (name, value) = matcher.split_once(['=', '!']).unwrap();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        (name.to_owned(), value.map(str::to_owned))
    });
    matchers.collect()
}

/// What a system says after a booking was declined and paid for, beside a Redis that is away.
async fn metrics_of_a_used_system() -> String {
    let redis = format!("redis://127.0.0.1:{}", free_port());
    let signet = Signet::start_with(&[], [("AUTH_REDIS_URL".to_owned(), redis)]);
    let client = signet.client();
    let (provider, offering) = open_for_business(&client, &signet.admin_secret()).await;
    // Each service on its own port, as in the replicated stack: the gateway would count for itself.
    let address = |service: &str| {
        let found = signet.environment.iter().find(|(name, _)| *name == format!("{service}_LISTEN"));
        format!("http://{}", found.expect("an address").1)
    };
    let auth = testkit::Client::new(address("AUTH"));
    people::register(&auth, "ada@example.org").await;
    let logged_in = people::log_in(&auth, "ada@example.org").await.expect(200).json();
    people::refresh(&auth, &text(&logged_in, "refresh_token")).await.expect(200);
    people::refresh(&auth, "garbage").await.problem(401, "refresh_token_invalid");
    let ada = client.with_token(&text(&logged_in, "access_token"));
    let slots =
        client.get(&format!("/providers/{provider}/slots?offering={offering}")).await.expect(200).json();
    let booking = json!({ "offering_id": offering, "starts_at": slots["slots"][0]["starts_at"] });
    let booked = ada.post("/appointments", &booking).await.expect(201).json();
    let payment = text(&booked, "payment_id");
    pay(&ada, &payment, "declined", IS_DECLINED).await.problem(402, "card_declined");
    pay(&ada, &payment, "paid", PAYS).await.expect(200);
    let mut all = String::new();
    for service in ["AUTH", "USERS", "APPOINTMENTS", "PAYMENTS"] {
        all += &testkit::Client::new(address(service)).get("/metrics").await.expect(200).text;
    }
    all
}
