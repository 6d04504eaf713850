//! What a living session earns its holder: an access token, and the refresh token for the next one. What a client
//! earns: an access token of its own, or one to act for a user.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chassis::problem::{Answer, Problem, codes};
use identity::{Actor, Claims, Roles, Scopes, SessionId, TokenId, UserId};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::{
    app::App,
    domain::{
        exchange,
        lifetime::{elapsed, jittered, later},
        refresh_token::RefreshToken,
        registered_client::{FIRST_PARTY, RegisteredClient},
        session::Session,
        user::User,
    },
    metrics::Reason,
};

/// The services that a login token is meant for: each checks that its own name is among them (`aud`).
const AUDIENCE: [&str; 4] = ["auth", "users", "appointments", "payments"];

/// A set of tokens.
pub(crate) struct Grant {
    pub(crate) user: User,
    pub(crate) access_token: String,
    /// For which the access token is accepted.
    pub(crate) expires_in: Duration,
    /// After which a client should fetch the next one, while this one still serves.
    pub(crate) refresh_after: Duration,
    pub(crate) refresh_token: SecretString,
    /// For which the refresh token can be used, if the session lives.
    pub(crate) refresh_expires_in: Duration,
}

/// What a client is given.
pub(crate) struct ClientGrant {
    pub(crate) access_token: String,
    /// For which the token is accepted.
    pub(crate) expires_in: Duration,
    pub(crate) scope: Scopes,
}

impl App {
    /// A session that begins now.
    pub(crate) fn new_session(&self, user: &User, now: Timestamp) -> Session {
        Session {
            id: SessionId::generate(self.ambient.clock.as_ref(), self.ambient.entropy.as_ref()),
            user_id: user.id,
            generation: 0,
            rotated_at: now,
            created_at: now,
            expires_at: later(now, self.policy.session_absolute),
            ended_at: None,
        }
    }

    /// Tokens for a session as it is now. Nothing is stored.
    pub(crate) fn grant(
        &self,
        reason: Reason,
        user: User,
        session: &Session,
        now: Timestamp,
    ) -> Answer<Grant> {
        let lifetime = jittered(self.policy.access_token_lifetime, self.ambient.entropy.as_ref());
        // No token outlives its session's absolute limit.
        let expires_at = later(now, lifetime).min(session.expires_at).as_second();
        let claims = Claims {
            issuer: self.policy.issuer.as_str().into(),
            subject: user.id,
            audience: AUDIENCE.map(Into::into).to_vec(),
            expires_at,
            issued_at: now.as_second(),
            not_before: now.as_second(),
            token_id: self.token_id(),
            client_id: FIRST_PARTY.into(),
            session_id: session.id,
            version: user.version,
            scope: user.roles.scopes(),
            roles: user.roles,
            auth_time: session.created_at.as_second(),
            actor: None,
        };
        let access_token = self.keyring.sign(&claims);
        let access_token = access_token.map_err(|error| Problem::new(&codes::INTERNAL).cause(error))?;
        self.counters.issued(reason);
        let expires_in = Duration::from_secs(u64::try_from(expires_at - now.as_second()).unwrap_or_default());
        let token = RefreshToken { session_id: session.id, generation: session.generation };
        Ok(Grant {
            user,
            access_token,
            expires_in,
            refresh_after: expires_in * 4 / 5,
            refresh_token: self.refresh_tokens.write(token),
            refresh_expires_in: elapsed(now, session.ends_unless_renewed(self.policy.limits.idle)),
        })
    }

    /// A token for a client that acts for itself (RFC 9068 §2.2: `sub` is the client).
    ///
    /// A client is its own and only session, which began when it showed its secret.
    pub(crate) fn grant_client(
        &self,
        client: &RegisteredClient,
        audience: Vec<String>,
        scope: Scopes,
        now: Timestamp,
    ) -> Answer<ClientGrant> {
        let lifetime = jittered(self.policy.access_token_lifetime, self.ambient.entropy.as_ref());
        let claims = Claims {
            issuer: self.policy.issuer.as_str().into(),
            subject: UserId(client.subject),
            audience: audience.iter().map(Into::into).collect(),
            expires_at: later(now, lifetime).as_second(),
            issued_at: now.as_second(),
            not_before: now.as_second(),
            token_id: self.token_id(),
            client_id: client.id.as_str().into(),
            session_id: SessionId(client.subject),
            version: client.version,
            scope,
            roles: Roles::default(),
            auth_time: now.as_second(),
            actor: None,
        };
        self.sign_for_client(Reason::ClientCredentials, claims)
    }

    /// A token by which a client acts for the user of `token` at `audience` (RFC 8693).
    ///
    /// It belongs to the user's session, so whatever ends that ends it. It carries no role: what its scope does not
    /// allow, nobody does for somebody else.
    pub(crate) fn grant_exchanged(
        &self,
        client: &RegisteredClient,
        token: &Claims,
        audience: &str,
        scope: Scopes,
        now: Timestamp,
    ) -> Answer<ClientGrant> {
        let now = now.as_second();
        let actor = Actor { subject: UserId(client.subject), client_id: client.id.as_str().into() };
        let claims = Claims {
            issuer: self.policy.issuer.as_str().into(),
            subject: token.subject,
            audience: vec![audience.into()],
            expires_at: token.expires_at.min(now.saturating_add(exchange::LONGEST)),
            issued_at: now,
            not_before: now,
            token_id: self.token_id(),
            client_id: client.id.as_str().into(),
            session_id: token.session_id,
            version: token.version,
            scope,
            roles: Roles::default(),
            auth_time: token.auth_time,
            actor: Some(Box::new(actor)),
        };
        self.sign_for_client(Reason::TokenExchange, claims)
    }

    fn sign_for_client(&self, reason: Reason, claims: Claims) -> Answer<ClientGrant> {
        let expires_in = Duration::from_secs(claims.expires_at.abs_diff(claims.issued_at));
        let access_token = self.keyring.sign(&claims);
        let access_token = access_token.map_err(|error| Problem::new(&codes::INTERNAL).cause(error))?;
        self.counters.issued(reason);
        Ok(ClientGrant { access_token, expires_in, scope: claims.scope })
    }

    fn token_id(&self) -> TokenId {
        let mut bytes = [0; 16];
        self.ambient.entropy.fill(&mut bytes);
        TokenId(URL_SAFE_NO_PAD.encode(bytes).into())
    }
}
