//! Whose tokens a client may exchange, and for what (RFC 8693 §2): the rules, without a word about forms and answers.

use identity::{Claims, Scopes};

use super::{
    client_rights::narrowed,
    registered_client::{FIRST_PARTY, RegisteredClient},
};

/// The longest that a token given in exchange lives, in seconds. Whatever ends the session or the user ends it at once, and
/// so does removing the client. Revoking the one it was given for by its name alone (`jti`) does not reach it, nor does
/// disabling the client, whose version it does not carry.
pub(crate) const LONGEST: i64 = 60;

/// Why nothing is given in exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The client acts for nobody.
    Client,
    /// It does, but not there.
    Target,
    /// The token is not one that it may exchange; says why.
    Subject(&'static str),
    /// The token does not allow what was asked for.
    Scope,
}

impl RegisteredClient {
    /// Whether it may act for users at `audience`.
    pub(crate) fn may_act_at(&self, audience: &str) -> Result<(), Refused> {
        let acting = self.rights.acting.as_ref().ok_or(Refused::Client)?;
        acting.at.iter().any(|at| at == audience).then_some(()).ok_or(Refused::Target)
    }

    /// What it is allowed in exchange for `token`, which is in force: what it asks for, and no more than the token allows.
    ///
    /// Only what a user brought to this very service is good for that. What came from an exchange is not: an actor
    /// is one step from the user, and no chain of services forms that nobody registered.
    pub(crate) fn exchanges(&self, token: &Claims, requested: Option<&str>) -> Result<Scopes, Refused> {
        let acting = self.rights.acting.as_ref().ok_or(Refused::Client)?;
        if token.actor.is_some() {
            return Err(Refused::Subject("the subject_token was given in exchange itself"));
        }
        if token.client_id != FIRST_PARTY {
            return Err(Refused::Subject("the subject_token belongs to no user"));
        }
        if !token.audience.iter().any(|audience| *audience == acting.service) {
            return Err(Refused::Subject("the subject_token is not meant for this client"));
        }
        narrowed(&token.scope, requested).ok_or(Refused::Scope)
    }
}

#[cfg(test)]
mod tests {
    use identity::Actor;
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::{
            client_rights::{Acting, ClientRights},
            registered_client::SecretHash,
        },
        signing::token::tests::longest,
    };

    fn client(acting: Option<Acting>) -> RegisteredClient {
        RegisteredClient {
            id: "appointments-service".parse().unwrap(),
            subject: Uuid::nil(),
            name: "Appointments".into(),
            secret: SecretHash::restore(&[0; 32]).unwrap(),
            key: None,
            rights: ClientRights { acting, ..ClientRights::default() },
            version: 0,
            created_at: Timestamp::UNIX_EPOCH,
            disabled_at: None,
        }
    }

    fn acting() -> RegisteredClient {
        client(Some(Acting { service: "appointments".into(), at: vec!["payments".into(), "mail".into()] }))
    }

    #[test]
    fn a_client_acts_where_it_was_registered_to_and_nowhere_else() {
        assert_eq!((acting().may_act_at("payments"), acting().may_act_at("mail")), (Ok(()), Ok(())));
        for other in ["appointments", "auth", "payment", "payments mail", "Payments", ""] {
            assert_eq!(acting().may_act_at(other), Err(Refused::Target), "{other:?}");
        }
        assert_eq!(client(None).may_act_at("payments"), Err(Refused::Client));
    }

    #[test]
    fn only_a_users_own_token_for_this_service_is_exchanged() {
        let asked = |token: Claims| acting().exchanges(&token, Some("payments"));
        assert_eq!(asked(longest()).unwrap().as_str(), "payments");
        let actor = Some(Box::new(Actor { subject: longest().subject, client_id: "c".into() }));
        for other in [
            Claims { actor, ..longest() },
            Claims { client_id: "appointments-service".into(), ..longest() },
            Claims { client_id: "reports".into(), ..longest() },
            Claims { audience: vec!["auth".into(), "payments".into()], ..longest() },
            Claims { audience: Vec::new(), ..longest() },
        ] {
            assert!(matches!(asked(other.clone()), Err(Refused::Subject(_))), "{other:?}");
        }
        assert_eq!(client(None).exchanges(&longest(), None), Err(Refused::Client));
    }

    #[test]
    fn nothing_is_allowed_that_the_token_does_not_allow() {
        let token = Claims { scope: ["payments", "profile"].into_iter().collect(), ..longest() };
        let asked = |scope| acting().exchanges(&token, scope).map(|scopes| scopes.as_str().to_owned());
        assert_eq!(asked(None).unwrap(), "payments profile");
        assert_eq!(asked(Some("profile")).unwrap(), "profile");
        for more in ["admin", "payments admin", " "] {
            assert_eq!(asked(Some(more)), Err(Refused::Scope), "{more:?}");
        }
    }
}
