//! Everything that is known to be tried on a verifier, on a whole service and byte by byte.

use testkit::{TestDatabase, refusals};

use crate::app::App;

/// The database has no part in this: one engine will do.
#[tokio::test]
async fn every_attack_is_refused_over_http() {
    let app = App::start(TestDatabase::sqlite()).await;
    let base_url = app.client.base_url();
    refusals::withstands_attacks(base_url, "/users/me", &app.issuer, "users").await;
    app.stop().await;
}

#[tokio::test]
async fn a_token_in_the_query_is_no_token() {
    let app = App::start(TestDatabase::sqlite()).await;
    let token = app.issuer.customer().token;
    for query in ["access_token=", "token=", "authorization=Bearer%20", "Authorization=Bearer+"] {
        let answer = app.client.get(&format!("/users/me?{query}{token}")).await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{query}");
        assert!(!answer.text.contains(&token), "{query}");
        answer.problem(401, "unauthenticated");
    }
    app.stop().await;
}
