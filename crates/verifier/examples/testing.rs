//! How a service tests that it lets in the right ones: with an issuer, a clock and tokens of its own (feature `testing`).

use std::sync::Arc;

use verifier::{
    Verifier,
    access::{Caller, scope},
    testing::{Forgery, Issuer, Script, TestClock},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let clock = Arc::new(TestClock::default());
    let issuer = Issuer::new("https://auth.example", clock.clone());
    let keys = Script::new(issuer.answer());
    let verifier = Verifier::builder(issuer.trust("users")).clock(clock).script(keys).build()?;
    let refresh = verifier.clone();
    tokio::spawn(async move { refresh.run().await });

    let status = async |token: String| {
        let header = format!("Bearer {token}");
        let values = [header.as_bytes()].into_iter();
        Caller::<scope::Profile>::authenticate(&verifier, values).await.map_or_else(|no| no.status(), |_| 200)
    };
    assert_eq!(status(issuer.token().mint()).await, 200);
    assert_eq!(status(issuer.token().scopes(["other"]).mint()).await, 403);
    for forgery in Forgery::ALL {
        assert_eq!(status(issuer.forge(forgery)).await, 401);
    }
    Ok(())
}
