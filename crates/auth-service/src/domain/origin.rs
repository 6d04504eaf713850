//! Whether a POST that a browser authenticates by cookie was made by our own pages.
//!
//! `SameSite=Strict` already keeps the refresh cookie from other sites; this is the second wall, for browsers
//! and sibling domains that the first one does not stop. `Sec-Fetch-Site` cannot be set by scripts and is
//! believed when present; `Origin` is the fallback. A request with neither comes from no browser, and then
//! nobody else's cookie is in play (OWASP CSRF prevention; Fetch §3.1, Fetch Metadata §2.4).

use url::{Origin, Url};

/// The origins whose pages may act with a user's cookie: our own, and those an operator lists.
#[derive(Debug, Clone)]
pub(crate) struct TrustedOrigins(Vec<Origin>);

/// What the browser said about who made the request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Provenance<'a> {
    /// The `Sec-Fetch-Site` header.
    pub(crate) site: Option<&'a str>,
    /// The `Origin` header.
    pub(crate) origin: Option<&'a str>,
}

/// A page of somebody else made the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request was made by a page of another origin")]
pub(crate) struct Foreign;

impl TrustedOrigins {
    pub(crate) fn new<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Self {
        // Opaque origins ("null") equal nothing, not even themselves parsed again: leave them out.
        Self(urls.into_iter().map(Url::origin).filter(Origin::is_tuple).collect())
    }

    /// Accepts the request, or says that it is foreign.
    pub(crate) fn check(&self, request: Provenance<'_>) -> Result<(), Foreign> {
        match (request.site, request.origin) {
            (Some("same-origin"), _) | (None, None) => Ok(()),
            (_, Some(origin)) if self.trusts(origin) => Ok(()),
            _ => Err(Foreign),
        }
    }

    fn trusts(&self, origin: &str) -> bool {
        Url::parse(origin).is_ok_and(|url| self.0.contains(&url.origin()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(site: Option<&str>, origin: Option<&str>) -> bool {
        let urls = ["https://auth.example", "https://app.example:8443/"].map(|url| Url::parse(url).unwrap());
        TrustedOrigins::new(&urls).check(Provenance { site, origin }).is_ok()
    }

    #[test]
    fn the_table() {
        let rows = [
            // No browser: curl, a mobile app, a service.
            (None, None, true),
            (Some("same-origin"), None, true),
            // Behind a proxy that renames the host, the browser still knows.
            (Some("same-origin"), Some("https://elsewhere.example"), true),
            (Some("cross-site"), Some("https://app.example:8443"), true),
            (Some("same-site"), Some("https://auth.example"), true),
            (Some("same-site"), Some("https://evil.auth.example"), false),
            (Some("cross-site"), Some("https://evil.example"), false),
            (Some("cross-site"), None, false),
            (Some("none"), None, false),
            (Some("nonsense"), None, false),
            (None, Some("https://auth.example"), true),
            (None, Some("https://AUTH.example:443"), true),
            (None, Some("http://auth.example"), false),
            (None, Some("https://auth.example.evil"), false),
            (None, Some("https://app.example"), false),
            (None, Some("null"), false),
            (None, Some(""), false),
        ];
        for (site, origin, expected) in rows {
            assert_eq!(verdict(site, origin), expected, "{site:?} {origin:?}");
        }
    }
}
