//! [`Caller`] as an extractor of actix-web, over TCP.

use actix_web::{App, FromRequest, HttpServer, dev::Payload, test::TestRequest, web};
use verifier::{
    Verifier,
    access::{Caller, role, scope},
};

use crate::{
    access,
    support::{World, at_once},
};

async fn profile(caller: Caller<scope::Profile>) -> String {
    caller.user_id().to_string()
}

async fn admin(caller: Caller<role::Admin>) -> String {
    caller.user_id().to_string()
}

async fn serve(verifier: Verifier) -> String {
    let app = move || {
        let app = App::new().app_data(verifier.clone());
        app.route("/profile", web::get().to(profile)).route("/admin", web::get().to(admin))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    format!("http://{address}")
}

#[tokio::test]
async fn good_tokens_are_let_in() {
    access::lets_in(serve).await;
}

#[tokio::test]
async fn others_are_told_what_is_missing() {
    access::keeps_out(serve).await;
}

#[tokio::test]
async fn without_keys_nothing_can_be_judged() {
    access::needs_keys(serve).await;
}

#[tokio::test]
async fn a_token_that_is_remembered_costs_no_allocation() {
    let world = World::new().await;
    let request = TestRequest::default().app_data(world.verifier.clone());
    let header = ("authorization", format!("Bearer {}", world.issuer.token().mint()));
    let request = request.insert_header(header).to_http_request();
    let extract = || at_once(Caller::<scope::Profile>::from_request(&request, &mut Payload::None));
    // Remembered when it comes a second time.
    let [first, _] = [(); 2].map(|()| extract().unwrap());
    let mut again = None;
    let allocated = allocation_counter::measure(|| again = extract().ok());
    assert_eq!(allocated.count_total, 0);
    assert_eq!(again.unwrap().user_id(), first.user_id());
}
