//! A gRPC service on tonic. All of its methods are behind a layer, and find the caller among the request's extensions.

use tonic::{Request, Response, Status, transport::Server};
use verifier::{
    Trust, Verifier,
    access::{Caller, CallerLayer, scope},
};
use wire::payments::v1::{CreateIntentRequest, Intent, intents_server};

struct Intents;

#[tonic::async_trait]
impl intents_server::Intents for Intents {
    async fn create(&self, request: Request<CreateIntentRequest>) -> Result<Response<Intent>, Status> {
        let caller = request.extensions().get::<Caller<scope::Payments>>();
        let caller = caller.ok_or_else(|| Status::internal("no layer"))?;
        Ok(Response::new(Intent {
            payment_id: String::new(),
            status: format!("paid by {}", caller.user_id()),
        }))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = "https://auth.example/.well-known/jwks.json".parse()?;
    let verifier = Verifier::builder(Trust::new("https://auth.example", "payments", keys)).build()?;
    let refresh = verifier.clone();
    tokio::spawn(async move { refresh.run().await });

    let intents = intents_server::IntentsServer::new(Intents);
    let layer = CallerLayer::<scope::Payments>::new(verifier);
    Server::builder().layer(layer).add_service(intents).serve("127.0.0.1:8080".parse()?).await?;
    Ok(())
}
