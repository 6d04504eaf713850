//! `GET /.well-known/jwks.json`

use testkit::each_engine;

use crate::app::App;

const PATH: &str = "/.well-known/jwks.json";

each_engine! {
    async fn the_key_set_is_public_keys_and_nothing_more(database: TestDatabase) {
        let app = App::start(database).await;
        let answer = app.client.get(PATH).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let policy = "public, max-age=300, stale-while-revalidate=60, stale-if-error=86400";
        assert_eq!(answer.header("cache-control"), Some(policy));
        let set = answer.json();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        let mut members: Vec<_> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        app.stop().await;
    }

    async fn who_has_it_is_told_so(database: TestDatabase) {
        let app = App::start(database).await;
        let first = app.client.get(PATH).await.expect(200);
        let etag = first.header("etag").unwrap();
        assert!(etag.starts_with('"'), "a strong tag: {etag}");
        for known in [etag.to_owned(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let answer = app.client.get(PATH).header("if-none-match", &known).await.expect(304);
            assert_eq!((answer.text.as_str(), answer.header("etag")), ("", Some(etag)));
            assert_eq!(answer.header("cache-control"), first.header("cache-control"));
        }
        app.client.get(PATH).header("if-none-match", "\"x\"").await.expect(200);
        app.stop().await;
    }
}
