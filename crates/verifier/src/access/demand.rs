//! What a token must allow beyond being valid, as types, so that a handler's signature says it. Where next: `caller`.

use std::{marker::PhantomData, time::Duration};

use identity::{RequiredScope, Role, scope::is_scope_token};

/// What a token must allow, beyond being valid: a scope, a role, both or neither.
///
/// Every [`RequiredScope`] is a demand, and so is every type of [`role`]. For a scope and a role together implement this
/// for a type of your own:
///
/// ```
/// use verifier::access::{Caller, Demand, Role};
///
/// struct Closing;
///
/// impl Demand for Closing {
///     const SCOPE: Option<&'static str> = Some("ledger");
///     const ROLE: Option<Role> = Some(Role::Admin);
/// }
///
/// async fn close_the_books(_: Caller<Closing>) {}
/// ```
pub trait Demand: 'static {
    /// The scope that must be granted, if one must: a scope-token (RFC 6749 §3.3), or it does not compile where it is
    /// used.
    const SCOPE: Option<&'static str>;
    /// The role that the caller must have, if one must.
    const ROLE: Option<Role> = None;
    /// How old the news of revocations may be at most, if that matters and they are followed. Without any the answer is
    /// 503.
    const STALENESS: Option<Duration> = None;
}

/// What `D` demands, and news of revocations that are no older than so many seconds: for routes that move money or
/// administrate. Where the issuer was not heard for longer, the answer is 503 with `Retry-After`. All other routes
/// go on with what is known. A service that follows no feed demands nothing more than `D`: its tokens are good until
/// they expire.
///
/// ```
/// use verifier::access::{Caller, Within, role};
///
/// async fn pay_out(_: Caller<Within<15, role::Admin>>) {}
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Within<const SECONDS: u64, D>(PhantomData<D>);

impl<const SECONDS: u64, D: Demand> Demand for Within<SECONDS, D> {
    const SCOPE: Option<&'static str> = D::SCOPE;
    const ROLE: Option<Role> = D::ROLE;
    const STALENESS: Option<Duration> = Some(Duration::from_secs(SECONDS));
}

/// Any valid token will do.
#[derive(Debug, Clone, Copy)]
pub struct AnyScope;

impl Demand for AnyScope {
    const SCOPE: Option<&'static str> = None;
}

impl<S: RequiredScope> Demand for S {
    const SCOPE: Option<&'static str> = Some(S::NAME);
}

/// Roles as types: `Caller<role::Admin>` lets in admins, whatever the scope of their token.
pub mod role {
    use identity::Role;

    use super::Demand;

    macro_rules! roles {
        ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
            $(
                $(#[$doc])*
                #[derive(Debug, Clone, Copy)]
                pub struct $name;

                impl Demand for $name {
                    const SCOPE: Option<&'static str> = None;
                    const ROLE: Option<Role> = Some(Role::$name);
                }
            )*
        };
    }

    roles! {
        /// The role [`Role::Customer`].
        Customer,
        /// The role [`Role::Provider`].
        Provider,
        /// The role [`Role::Admin`].
        Admin,
    }
}

/// The scope that `D` demands, checked when compiled: it goes into a quoted string of a header as it is.
pub(super) const fn scope_of<D: Demand>() -> Option<&'static str> {
    const {
        if let Some(scope) = D::SCOPE {
            assert!(is_scope_token(scope), "the name of a scope is a scope-token of RFC 6749 §3.3");
        }
        D::SCOPE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scope_tokens_get_into_a_header() {
        for scope in ["profile", "my-app:read", "https://api.example/all", "!"] {
            assert!(is_scope_token(scope), "{scope:?}");
        }
        for scope in ["", "a b", "a\"b", "a\\b", "a\n", "ä", "\u{7f}"] {
            assert!(!is_scope_token(scope), "{scope:?}");
        }
        assert_eq!(scope_of::<identity::scope::Profile>(), Some("profile"));
        assert_eq!(scope_of::<AnyScope>(), None);
    }
}
