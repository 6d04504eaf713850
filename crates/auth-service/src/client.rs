//! Who is at the other end of the connection, for limits, the audit log and the list of one's sessions.

use std::{future::Future, net::IpAddr, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use chassis::http::ClientAddress;

/// More of a `User-Agent` is not kept.
const LONGEST_USER_AGENT: usize = 200;

/// A caller's network address and what their software calls itself.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: Option<String>,
}

impl FromRequest for Client {
    type Error = <ClientAddress as FromRequest>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let address = ClientAddress::from_request(request, payload);
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let user_agent = user_agent.map(plain).filter(|text| !text.is_empty());
        Box::pin(async move { Ok(Self { address: address.await?.0, user_agent }) })
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect()
}
