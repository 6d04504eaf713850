//! The listener, the application around a service's routes, and an end that drops nobody.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{ConnectionType, header},
    middleware::{DefaultHeaders, Next, from_fn},
    web::{self, Data},
};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::{
    HttpSettings, Routes,
    app::base,
    document::complete,
    extract,
    fallback::fallback,
    mount::ServedBy,
    observe::{Observer, observe},
    operations::Operations,
};
use crate::{
    ambient::Ambient,
    health::{self, Health},
    metrics::{self, HttpMetrics, Metrics},
    problem::Code,
    shutdown::Shutdown,
};

/// How long requests that are under way have to finish where no [`Lifecycle`](crate::Lifecycle) bounds that.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a client may take to send its request's head.
const SLOWEST_HEAD: Duration = Duration::from_secs(5);
/// The documentation page runs its own scripts and nothing from elsewhere.
const DOCS_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           frame-ancestors 'none'";

/// What a server says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// The name in `X-Served-By` and metrics, such as `users-service`.
    pub name: &'static str,
    /// The title of its documentation.
    pub title: &'static str,
    /// What it is for, in a sentence or two.
    pub about: &'static str,
    /// The problems that only its domain knows, table by table.
    pub problems: &'static [&'static [Code]],
}

/// A bound but not yet serving HTTP server.
pub struct HttpServer {
    description: Description,
    settings: HttpSettings,
    ambient: Ambient,
    listener: TcpListener,
}

impl HttpServer {
    /// Takes the port. Connections queue in the kernel until [`serve`](Self::serve) is called.
    ///
    /// # Errors
    /// When the address is taken or may not be used.
    pub fn bind(description: Description, settings: &HttpSettings, ambient: &Ambient) -> io::Result<Self> {
        let listener = TcpListener::bind(settings.listen).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("{} cannot listen on {}: {error}", description.name, settings.listen),
            )
        })?;
        Ok(Self { description, settings: settings.clone(), ambient: ambient.clone(), listener })
    }

    /// Where it listens, with the port it was given.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// How long it should go on serving after the end was announced.
    #[must_use]
    pub fn drain_notice(&self) -> Duration {
        self.settings.drain_notice
    }

    /// Serves `routes` beside `/livez`, `/readyz`, `/metrics`, `/openapi.json` and `/docs` until shut down, then
    /// finishes what is under way.
    ///
    /// # Errors
    /// When the listener or a worker fails.
    pub async fn serve(
        self,
        routes: Routes,
        health: Health,
        metrics: Metrics,
        shutdown: Shutdown,
    ) -> io::Result<()> {
        let Self { description, settings, ambient, listener } = self;
        let served_by = ServedBy::new(description.name, &settings.instance).map_err(io::Error::other)?;
        let tracer = ambient.tracer.of(description.name, &settings.instance);
        tracer.register(&metrics);
        let observer = Data::new(Observer {
            tracer,
            metrics: HttpMetrics::register(&metrics, description.name),
            served_by,
        });
        let (health, metrics) = (Data::new(health), Data::new(metrics));
        let proxies = settings.trusted_proxies.clone();

        let server = actix_web::HttpServer::new(move || {
            let app = App::new().into_utoipa_app().openapi(base(&description));
            let (app, mut document) = app.configure(|config| routes(config)).split_for_parts();
            complete(&mut document);
            let operations = Data::new(Operations::of(&document));
            let json = document.to_json().unwrap_or_default();
            app.app_data(extract::json())
                .app_data(extract::payload())
                .app_data(extract::path())
                .app_data(extract::query())
                .app_data(proxies.clone())
                .app_data(observer.clone())
                .app_data(health.clone())
                .app_data(metrics.clone())
                .app_data(operations)
                .service(web::resource("/livez").get(health::livez))
                .service(web::resource("/readyz").get(health::readyz))
                .service(web::resource("/metrics").get(metrics::scrape))
                .service(web::resource("/openapi.json").get(move || {
                    let document = HttpResponse::Ok().content_type("application/json").body(json.clone());
                    std::future::ready(document)
                }))
                .service(web::redirect("/docs", "/docs/"))
                .service(docs())
                .default_service(web::to(fallback))
                .wrap(from_fn(observe))
                .wrap(from_fn(leave))
        })
        .workers(settings.workers)
        .disable_signals()
        .shutdown_timeout(DRAIN.as_secs())
        .client_request_timeout(SLOWEST_HEAD)
        .listen(listener)?
        .run();

        let handle = server.handle();
        tokio::spawn(async move {
            shutdown.triggered().await;
            handle.stop(true).await;
        });
        server.await
    }
}

/// Asks clients not to use their connection again once the end was announced, so that they find another replica.
async fn leave(
    health: Data<Health>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    if health.is_draining() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

fn docs() -> impl actix_web::dev::HttpServiceFactory {
    let page = SwaggerUi::new("/{_:.*}").config(Config::from("/openapi.json"));
    web::scope("/docs")
        .wrap(DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, DOCS_POLICY)))
        .service(page)
}
