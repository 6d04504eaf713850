//! `GET /.well-known/oauth-authorization-server` and `GET /.well-known/openid-configuration`

use serde_json::json;
use testkit::each_engine;

use crate::app::App;

each_engine! {
    async fn both_documents_say_what_is_true(database: TestDatabase) {
        let app = App::start(database).await;
        let server = app.client.get("/.well-known/oauth-authorization-server").await.expect(200).json();
        let methods = json!(["client_secret_basic", "private_key_jwt"]);
        for endpoint in ["token", "revocation", "introspection"] {
            let algorithms = &server[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")];
            assert_eq!(*algorithms, json!(["RS256", "PS256", "ES256", "EdDSA"]), "{endpoint}");
        }
        assert_eq!(server["issuer"], "https://auth.example");
        assert_eq!(server["jwks_uri"], "https://auth.example/.well-known/jwks.json");
        assert_eq!(server["grant_types_supported"], json!(["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"]));
        assert_eq!(server["token_endpoint"], "https://auth.example/oauth2/token");
        assert_eq!(server["token_endpoint_auth_methods_supported"], methods);
        assert_eq!(server["revocation_endpoint"], "https://auth.example/oauth2/revoke");
        assert_eq!(server["revocation_endpoint_auth_methods_supported"], methods);
        assert_eq!(server["introspection_endpoint"], "https://auth.example/oauth2/introspect");
        assert_eq!(server["introspection_endpoint_auth_methods_supported"], methods);
        assert_eq!(server["scopes_supported"], json!(identity::scope::ALL));
        let openid = app.client.get("/.well-known/openid-configuration").await.expect(200).json();
        for (name, value) in server.as_object().unwrap() {
            assert_eq!(openid[name], *value, "{name}");
        }
        for endpoint in ["authorization_endpoint", "userinfo_endpoint"] {
            assert!(openid.get(endpoint).is_none(), "there is no {endpoint}");
        }
        app.stop().await;
    }
}
