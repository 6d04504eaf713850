//! A service on actix-web. The scope `reports` is its own; `purge` is for admins, whatever the scope of their token.

use actix_web::{App, HttpServer, web};
use verifier::{
    Trust, Verifier,
    access::{Caller, RequiredScope, role},
};

struct Reports;

impl RequiredScope for Reports {
    const NAME: &'static str = "reports";
}

async fn read(caller: Caller<Reports>) -> String {
    format!("The reports of {}.\n", caller.user_id())
}

async fn purge(_: Caller<role::Admin>) -> &'static str {
    "Gone.\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = "https://auth.example/.well-known/jwks.json".parse()?;
    let verifier = Verifier::builder(Trust::new("https://auth.example", "reports", keys)).build()?;
    let refresh = verifier.clone();
    actix_web::rt::spawn(async move { refresh.run().await });

    let app = move || {
        let app = App::new().app_data(verifier.clone());
        app.route("/reports", web::get().to(read)).route("/reports", web::delete().to(purge))
    };
    HttpServer::new(app).bind("127.0.0.1:8080")?.run().await?;
    Ok(())
}
