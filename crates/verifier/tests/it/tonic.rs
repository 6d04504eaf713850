//! [`CallerLayer`] around a gRPC server of tonic, asked through a channel.

use serde_json::json;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Code, Request, Response, Status,
    metadata::MetadataValue,
    transport::{Channel, Server},
};
use verifier::{
    Limits,
    access::{Caller, CallerLayer, scope},
    testing::{Answer, Forgery, Issuer},
};
use wire::payments::v1::{CreateIntentRequest, Intent, intents_client::IntentsClient, intents_server};

use crate::support::{Always, World, within_a_minute};

struct Intents;

#[tonic::async_trait]
impl intents_server::Intents for Intents {
    async fn create(&self, request: Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        let caller =
            request.extensions().get::<Caller<scope::Payments>>().expect("the layer knows who calls");
        Ok(Response::new(Intent { payment_id: caller.user_id().to_string(), status: String::new() }))
    }
}

/// A client of a server behind the layer.
async fn connect(world: &World) -> IntentsClient<Channel> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = CallerLayer::<scope::Payments>::new(world.verifier.clone());
    let server = Server::builder().layer(layer).add_service(intents_server::IntentsServer::new(Intents));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    within_a_minute(IntentsClient::connect(format!("http://{address}"))).await.unwrap()
}

/// Calls with all these tokens: who the server says it was, or the code and the message.
async fn call(client: &mut IntentsClient<Channel>, tokens: &[&str]) -> Result<String, (Code, String)> {
    let mut request = Request::new(CreateIntentRequest::default());
    for token in tokens {
        let value = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
        request.metadata_mut().append("authorization", value);
    }
    let answer = within_a_minute(client.create(request)).await;
    answer
        .map(|answer| answer.into_inner().payment_id)
        .map_err(|status| (status.code(), status.message().to_owned()))
}

#[tokio::test]
async fn good_tokens_are_let_in() {
    let world = World::new().await;
    let mut client = connect(&world).await;
    let user = "0198c0de-0000-7000-8000-000000000001";
    let token = || world.issuer.token().claim("sub", json!(user)).mint();
    assert_eq!(call(&mut client, &[&token()]).await.as_deref(), Ok(user));

    world.issuer.rotate();
    world.publish();
    assert_eq!(call(&mut client, &[&token()]).await.as_deref(), Ok(user), "under a key yet to be fetched");
}

#[tokio::test]
async fn others_are_refused_on_the_same_connection() {
    let world = World::new().await;
    let mut client = connect(&world).await;
    let unauthenticated = Err((Code::Unauthenticated, "unauthenticated".to_owned()));
    let good = world.issuer.token().mint();
    assert_eq!(call(&mut client, &[]).await, unauthenticated);
    assert_eq!(call(&mut client, &[&good, &good]).await, unauthenticated);
    for forgery in Forgery::ALL {
        assert_eq!(call(&mut client, &[&world.issuer.forge(forgery)]).await, unauthenticated, "{forgery:?}");
    }
    let unknown = world.issuer.token().header("kid", json!("nobody")).mint();
    assert_eq!(call(&mut client, &[&unknown]).await, unauthenticated);
    let narrow = world.issuer.token().scopes(["profile"]).mint();
    let denied = Err((Code::PermissionDenied, "insufficient_scope".to_owned()));
    assert_eq!(call(&mut client, &[&narrow]).await, denied);
    assert!(call(&mut client, &[&good]).await.is_ok());
}

#[tokio::test]
async fn without_keys_nothing_can_be_judged() {
    let world = World::cold(|_: &Issuer| Answer::Status(503), &Limits::default(), Always(0));
    let mut client = connect(&world).await;
    let unavailable = Err((Code::Unavailable, "unavailable".to_owned()));
    assert_eq!(call(&mut client, &[&world.issuer.token().mint()]).await, unavailable);
}
