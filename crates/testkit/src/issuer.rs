//! An issuer that is gone after the test: a key made on the spot, published on a free port, and tokens for people.

use std::sync::Arc;

use crate::token_endpoint::{Asked, Granting, TokenEndpoint};
use chassis::{Ambient, client::ClientSettings, keys::TrustSettings};
use identity::{Role, SystemClock, SystemEntropy, UserId};
use verifier::testing::{Answer, Attack, Forgery, JwksServer, KeySetAttack, Script, TestClock, TokenBuilder};

/// Issues tokens to whoever a test needs. Time stands still until [`clock`](Self::clock) is moved.
pub struct Issuer {
    mint: Arc<verifier::testing::Issuer>,
    tokens: TokenEndpoint,
    server: JwksServer,
    script: Script,
    clock: Arc<TestClock>,
}

/// Somebody with a valid token.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who they are.
    pub user_id: UserId,
    /// What they are.
    pub roles: Vec<Role>,
    /// The access token, good for ten minutes.
    pub token: String,
}

impl Issuer {
    /// Starts to publish keys.
    pub async fn start() -> Self {
        let clock = Arc::new(TestClock::default());
        let mint = Arc::new(verifier::testing::Issuer::new("https://auth.example", clock.clone()));
        let script = Script::new(mint.answer());
        let server = JwksServer::start(script.clone()).await;
        let tokens = TokenEndpoint::start(mint.clone()).await;
        Self { mint, tokens, server, script, clock }
    }

    /// What makes a service trust this issuer.
    pub fn trust(&self) -> TrustSettings {
        TrustSettings {
            issuer: self.mint.url().to_owned(),
            jwks_url: self.server.url(),
            keys_dir: None,
            feed: None,
        }
    }

    /// What makes a service the client called `id`, which is granted whatever it asks for.
    pub fn client(&self, id: &str) -> ClientSettings {
        self.tokens.client(id)
    }

    /// What becomes of requests for tokens from now on.
    pub fn grant(&self, granting: Granting) {
        self.tokens.be(granting);
    }

    /// The requests for tokens since this was last asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.tokens.asked()
    }

    /// The token that the client called `id` is given in exchange for a customer's, for `audience` and `scope`.
    pub fn acting(&self, id: &str, token: &str, audience: &str, scope: &str) -> TokenBuilder {
        self.tokens.exchanged(id, token, audience, scope)
    }

    /// The token that the client called `id` is given for itself.
    pub fn own(&self, id: &str, audience: &str, scope: &str) -> TokenBuilder {
        self.tokens.own(id, audience, scope)
    }

    /// What makes a service live in this issuer's time.
    pub fn ambient(&self) -> Ambient {
        Ambient::new(self.clock.clone(), Arc::new(SystemEntropy))
    }

    /// The time that services see.
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// The key endpoint, to count its requests or change its answers.
    pub fn endpoint(&self) -> &Script {
        &self.script
    }

    /// A new customer.
    pub fn customer(&self) -> Person {
        self.person(new_user(), &[Role::Customer])
    }

    /// A new provider, who is a customer too.
    pub fn provider(&self) -> Person {
        self.person(new_user(), &[Role::Customer, Role::Provider])
    }

    /// A new administrator, who is a customer too.
    pub fn admin(&self) -> Person {
        self.person(new_user(), &[Role::Customer, Role::Admin])
    }

    /// This user, with a token of now.
    pub fn person(&self, user_id: UserId, roles: &[Role]) -> Person {
        let token = self.mint.token().subject(user_id).roles(roles.iter().copied()).mint();
        Person { user_id, roles: roles.to_vec(), token }
    }

    /// The same person with a fresh token, for when the clock was moved past the end of the old one.
    pub fn renew(&self, person: &Person) -> Person {
        self.person(person.user_id, &person.roles)
    }

    /// A valid token that allows just this.
    pub fn token_with<'a>(&self, scopes: impl IntoIterator<Item = &'a str>) -> String {
        self.mint.token().scopes(scopes).mint()
    }

    /// A token to be minted, good unless it is spoiled.
    pub fn token(&self) -> TokenBuilder {
        self.mint.token()
    }

    /// What the key endpoint answers unless it is told otherwise.
    pub fn good_keys(&self) -> Answer {
        self.mint.answer()
    }

    /// All that is known to be tried on a service that tokens call `audience`.
    pub fn attacks(&self, audience: &str) -> Vec<Attack> {
        self.mint.attacks(audience)
    }

    /// Hostile key sets, for [`endpoint`](Self::endpoint).
    pub fn key_set_attacks(&self, audience: &str) -> Vec<KeySetAttack> {
        self.mint.key_set_attacks(audience)
    }

    /// A token that must be refused.
    pub fn forge(&self, forgery: Forgery) -> String {
        self.mint.forge(forgery)
    }
}

fn new_user() -> UserId {
    UserId::generate(&SystemClock, &SystemEntropy)
}
