//! How often one may try: what slows down guessing without handing attackers a switch to lock others out.
//!
//! Each sign-in attempt passes three limits, before any hashing:
//!
//! 1. **per address** — one machine cannot try many accounts;
//! 2. **per account and address** — one machine cannot try one account for long. Strict, and since the bucket
//!    belongs to the pair, exhausting it locks out nobody but whoever exhausts it;
//! 3. **per account from addresses that it never signed in from** — many machines cannot try one account
//!    together. Generous; and an address from which the owner holds or held a session is exempt, so a botnet
//!    that drains this bucket cannot keep the owner out of where they live and work. Sessions that exist are
//!    renewed without passing any of this.
//!
//! Accounts are counted by e-mail whether they exist or not, so limits reveal nothing. Registration is limited
//! per address and per e-mail (which also bounds asking "is this address taken?"), redeeming the administrator's
//! link per address. The answer beyond a limit is 429 with `Retry-After`.
//!
//! Of clients only failures are counted, per address: their secrets have 256 random bits, so that no number of
//! attempts would find one, and a client that shows the right one is let in whatever others behind its address try.
//!
//! [`Limiter`] is the seam: [`memory`] counts in this process, [`redis`] for all replicas together, [`fallback`]
//! chooses between them.

mod fallback;
mod key;
mod memory;
mod quota;
mod redis;

use std::time::Duration;

use chassis::settings::Reader;
use futures_util::future::BoxFuture;

pub(crate) use fallback::FallbackLimiter;
pub(crate) use key::Key;
pub(crate) use memory::MemoryLimiter;
pub use quota::{InvalidQuota, Quota};

/// What is being limited. Each rule has buckets of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// Sign-in attempts of one address.
    LoginByAddress,
    /// Sign-in attempts of one address at one account; also proving one's password again.
    LoginByPair,
    /// Sign-in attempts at one account from addresses that are new to it.
    LoginByAccount,
    /// Registrations of one address.
    RegisterByAddress,
    /// Registrations of one e-mail address.
    RegisterByAccount,
    /// Attempts to redeem the administrator's link, of one address.
    Claim,
    /// Requests of one address that show no client's secret or key, or a wrong one.
    ClientByAddress,
}

impl Rule {
    /// The rule where people read it.
    fn name(self) -> &'static str {
        match self {
            Self::LoginByAddress => "login-address",
            Self::LoginByPair => "login-pair",
            Self::LoginByAccount => "login-account",
            Self::RegisterByAddress => "register-address",
            Self::RegisterByAccount => "register-account",
            Self::Claim => "claim",
            Self::ClientByAddress => "client-address",
        }
    }
}

/// Beyond the limit; trying again makes sense after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany(pub(crate) Duration);

/// The quota of every rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quotas {
    pub(crate) login_by_address: Quota,
    pub(crate) login_by_pair: Quota,
    pub(crate) login_by_account: Quota,
    pub(crate) register_by_address: Quota,
    pub(crate) register_by_account: Quota,
    pub(crate) claim: Quota,
    pub(crate) client_by_address: Quota,
}

/// Counts attempts.
pub(crate) trait Limiter: Send + Sync {
    /// Counts one attempt of `key` under `rule`, or refuses it.
    fn take<'a>(&'a self, rule: Rule, key: &'a Key) -> BoxFuture<'a, Result<(), TooMany>>;
}

impl Quotas {
    /// The quota of one rule.
    fn of(&self, rule: Rule) -> Quota {
        match rule {
            Rule::LoginByAddress => self.login_by_address,
            Rule::LoginByPair => self.login_by_pair,
            Rule::LoginByAccount => self.login_by_account,
            Rule::RegisterByAddress => self.register_by_address,
            Rule::RegisterByAccount => self.register_by_account,
            Rule::Claim => self.claim,
            Rule::ClientByAddress => self.client_by_address,
        }
    }

    /// Reads one variable for each rule.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let mut quota =
            |name, doc, count, period, burst| reader.or(name, doc, Quota::new(count, period, burst));
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        Self {
            login_by_address: quota(
                "LOGIN_LIMIT_ADDRESS",
                "Sign-in attempts of one address (IPv6: /64).",
                30,
                minute,
                20,
            ),
            login_by_pair: quota(
                "LOGIN_LIMIT_PAIR",
                "Sign-in attempts of one address at one account.",
                5,
                minute,
                10,
            ),
            login_by_account: quota(
                "LOGIN_LIMIT_ACCOUNT",
                "Sign-in attempts at one account from addresses it never signed in from.",
                100,
                hour,
                100,
            ),
            register_by_address: quota(
                "REGISTER_LIMIT_ADDRESS",
                "Registrations of one address.",
                20,
                hour,
                10,
            ),
            register_by_account: quota(
                "REGISTER_LIMIT_ACCOUNT",
                "Registrations of one e-mail address.",
                5,
                hour,
                5,
            ),
            claim: quota(
                "CLAIM_LIMIT",
                "Attempts of one address to redeem the administrator's link.",
                5,
                minute,
                5,
            ),
            client_by_address: quota(
                "CLIENT_LIMIT_ADDRESS",
                "Failed attempts of one address to show that it is a client.",
                30,
                minute,
                30,
            ),
        }
    }
}
