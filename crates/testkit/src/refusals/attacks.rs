//! Everything that is known to be tried on a verifier, over HTTP and byte by byte.

use serde_json::Value;
use verifier::{
    Reason,
    testing::{Attack, OverHttp},
};

use super::raw::Target;
use crate::{Client, Issuer, http::Response};

/// How many attacks go by between two good tokens.
const PAUSE: usize = 20;

/// Throws [`Issuer::attacks`] at `GET path` of the service at `base_url`, which tokens call `audience` and which must
/// trust `issuer`; then everything that carries a token where none is looked for. A good token of a customer must get a
/// 2xx there, before, in between and afterwards.
///
/// What is judged: the status, the challenge (RFC 6750 §3), a body (RFC 9457) that is the same whatever was wrong, no
/// part of a token in any header, and that the service counted every refusal under its reason.
///
/// # Panics
/// With everything that was not answered as it must be.
pub async fn withstands_attacks(base_url: &str, path: &str, issuer: &Issuer, audience: &str) {
    let siege = Siege::begin(base_url, path, issuer).await;
    let before = siege.refused_so_far().await;
    let attacks = issuer.attacks(audience);
    let mut faults = Vec::new();
    let mut expected = vec![0; Reason::ALL.len()];
    for (number, attack) in attacks.iter().enumerate() {
        match siege.throw(attack).await {
            Ok(401) => count(&mut expected, attack.reason),
            Ok(_) => {}
            Err(fault) => faults.push(format!("{attack}: {fault}")),
        }
        if number % PAUSE == 0 {
            faults.extend(siege.good_token_fault().await.map(|fault| format!("after {attack}: {fault}")));
        }
    }
    for (name, lines, body) in elsewhere(&issuer.customer().token) {
        count(&mut expected, Some(Reason::Missing));
        let fault = match siege.target.send(&lines, &body).await {
            Ok(answer) => siege.refusal_fault(answer, Reason::Missing, &lines),
            Err(fault) => Some(fault),
        };
        faults.extend(fault.map(|fault| format!("a good token {name}: {fault}")));
    }
    faults.extend(siege.good_token_fault().await);
    let counted: Vec<_> =
        siege.refused_so_far().await.into_iter().zip(before).map(|(after, before)| after - before).collect();
    for ((reason, counted), expected) in Reason::ALL.into_iter().zip(counted).zip(expected) {
        if counted != expected {
            faults.push(format!("{counted} refusals were counted as {reason} instead of {expected}"));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), attacks.len(), faults.join("\n"));
}

fn count(counts: &mut [u64], reason: Option<Reason>) {
    if let Some(reason) = reason {
        counts[reason as usize] += 1;
    }
}

/// A service under attack.
struct Siege {
    target: Target,
    path: String,
    /// Calls with a good token.
    client: Client,
    /// The body of a refusal, without what differs from one request to the next.
    refusal: Value,
}

impl Siege {
    async fn begin(base_url: &str, path: &str, issuer: &Issuer) -> Self {
        let target = Target::new(base_url, path);
        let refused = target.send(&[b"Authorization: Bearer x".to_vec()], b"").await.expect("an answer");
        let client = Client::new(base_url).as_(&issuer.customer());
        let refusal = common(refused.problem(401, "unauthenticated"));
        Self { target, path: path.to_owned(), client, refusal }
    }

    /// What became of it: the status, if it is one the row allows and the answer is in order.
    async fn throw(&self, attack: &Attack) -> Result<u16, String> {
        if attack.over_http == OverHttp::NeverArrives {
            return Ok(0);
        }
        let lines: Vec<_> = attack
            .authorization
            .iter()
            .map(|value| [b"Authorization: ", value.as_slice()].concat())
            .collect();
        let answer = self.target.send(&lines, b"").await?;
        let status = answer.status;
        if !attack.allows_status(status) {
            return Err(format!("answered {status}: {}", answer.text));
        }
        let reason = attack.reason.filter(|_| status == 401);
        match reason.and_then(|reason| self.refusal_fault(answer, reason, &lines)) {
            Some(fault) => Err(fault),
            None => Ok(status),
        }
    }

    /// What is wrong with this answer to a request that had to be refused.
    fn refusal_fault(&self, answer: Response, reason: Reason, sent: &[Vec<u8>]) -> Option<String> {
        let challenge = if reason == Reason::Missing { "Bearer" } else { r#"Bearer error="invalid_token""# };
        let challenged = answer.header("www-authenticate").map(str::to_owned);
        if challenged.as_deref() != Some(challenge) {
            return Some(format!("WWW-Authenticate is {challenged:?}"));
        }
        let headers = format!("{:?}", answer.headers);
        let mut leaked = sent.iter().flat_map(|line| pieces(line));
        if let Some(piece) = leaked.find(|piece| headers.contains(piece.as_str())) {
            return Some(format!("the headers show {piece}: {headers}"));
        }
        match answer.try_problem(401, "unauthenticated") {
            Ok(body) if common(body.clone()) == self.refusal => None,
            Ok(body) => Some(format!("the body differs: {body}")),
            Err(fault) => Some(fault),
        }
    }

    async fn good_token_fault(&self) -> Option<String> {
        let answer = self.client.get(&self.path).await;
        (!(200..300).contains(&answer.status)).then(|| format!("a good token gets {}", answer.status))
    }

    /// How many credentials the service has refused for each reason, in the order of [`Reason::ALL`].
    async fn refused_so_far(&self) -> Vec<u64> {
        let metrics = self.client.get("/metrics").await.expect(200).text;
        let counted = |reason: Reason| {
            let label = format!("reason=\"{reason}\"");
            let mut lines = metrics.lines().filter(|line| line.starts_with("tokens_rejected_total{"));
            let line = lines.find(|line| line.contains(&label)).expect("every reason is counted");
            line.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("a count")
        };
        Reason::ALL.into_iter().map(counted).collect()
    }
}

/// A refusal's body without the one member that is each request's own.
fn common(mut body: Value) -> Value {
    body.as_object_mut().and_then(|members| members.remove("trace_id")).expect("a trace id");
    body
}

/// The parts of a line of a request that nothing in an answer may repeat.
fn pieces(line: &[u8]) -> Vec<String> {
    let line = String::from_utf8_lossy(line).into_owned();
    let value = line.split_once(": ").map_or(line.as_str(), |(_, value)| value);
    let pieces = value.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter));
    pieces.filter(|piece| piece.len() >= 16).map(str::to_owned).collect()
}

/// A request's name, further lines of its head, and its body.
type Disguise = (&'static str, Vec<Vec<u8>>, Vec<u8>);

/// Good tokens where none is looked for (RFC 6750 §2.2 and §2.3, which are not supported, and what others do).
fn elsewhere(token: &str) -> Vec<Disguise> {
    let mut disguises: Vec<Disguise> = [
        ("in a cookie", format!("Cookie: access_token={token}")),
        ("in a cookie with its scheme", format!("Cookie: Authorization=Bearer {token}")),
        ("for a proxy", format!("Proxy-Authorization: Bearer {token}")),
        ("under X-Authorization", format!("X-Authorization: Bearer {token}")),
        ("under X-Forwarded-Authorization", format!("X-Forwarded-Authorization: Bearer {token}")),
        ("under X-Access-Token", format!("X-Access-Token: {token}")),
        ("under X-Auth-Token", format!("X-Auth-Token: {token}")),
        ("under Authorization_", format!("Authorization_: Bearer {token}")),
        ("as a protocol of WebSocket", format!("Sec-WebSocket-Protocol: bearer, {token}")),
        ("as a proof", format!("DPoP: {token}")),
    ]
    .map(|(name, line)| (name, vec![line.into_bytes()], Vec::new()))
    .into();
    for (name, kind, body) in [
        ("in a form", "application/x-www-form-urlencoded", format!("access_token={token}")),
        ("in JSON", "application/json", format!(r#"{{"access_token":"{token}"}}"#)),
    ] {
        let lines = [format!("Content-Type: {kind}"), format!("Content-Length: {}", body.len())];
        disguises.push((name, lines.map(String::into_bytes).into(), body.into_bytes()));
    }
    disguises
}
