//! The four services and the gateway, built, run and ended together.

use std::{fmt::Write, io, net::SocketAddr};

use chassis::{
    Ambient, Lifecycle, Shutdown,
    health::Health,
    http::{HttpServer, Routes},
    metrics::Metrics,
};
use tokio::task::JoinSet;

use crate::{clients, commands::Failure, gateway, settings::Composition};

/// Everything, bound and ready to run.
pub(crate) struct System {
    gateway: HttpServer,
    pub(crate) auth: auth_service::Service,
    users: users_service::Service,
    appointments: appointments_service::Service,
    payments: payments_service::Service,
}

impl System {
    /// Opens every database and takes every port.
    pub(crate) async fn build(settings: Composition, ambient: Ambient) -> Result<Self, Failure> {
        // The gateway's port first: if Signet runs already, that is the clearest thing to say.
        let gateway = HttpServer::bind(gateway::DESCRIPTION, &settings.signet.http, &ambient)?;
        let clients = clients::of(&settings);
        let auth = auth_service::Service::build(settings.auth, ambient.clone()).await?;
        let users = users_service::Service::build(settings.users, ambient.clone()).await?;
        let appointments =
            appointments_service::Service::build(settings.appointments, ambient.clone()).await?;
        let payments = payments_service::Service::build(settings.payments, ambient).await?;
        clients::ensure(clients, &auth.administration()).await?;
        Ok(Self { gateway, auth, users, appointments, payments })
    }

    /// All paths of all services.
    pub(crate) fn routes(&self) -> Routes {
        gateway::routes(vec![
            self.auth.routes(),
            self.users.routes(),
            self.appointments.routes(),
            self.payments.routes(),
        ])
    }

    /// Ready when every service is.
    pub(crate) fn health(&self) -> Health {
        let rest = [self.users.health(), self.appointments.health(), self.payments.health()];
        rest.iter().fold(self.auth.health(), Health::and)
    }

    /// Where everything is, as a table.
    pub(crate) fn addresses(&self) -> io::Result<String> {
        let mut table = String::new();
        let mut row = |name: &str, http: SocketAddr, rpc: Option<SocketAddr>| {
            let rpc = rpc.map_or_else(String::new, |rpc| format!("   gRPC {rpc}"));
            let _ = writeln!(table, "  {name:<14} http://{http}{rpc}");
        };
        row("everything", self.gateway.address()?, None);
        row("auth", self.auth.http_address(), Some(self.auth.rpc_address()));
        row("users", self.users.http_address(), None);
        row("appointments", self.appointments.http_address(), Some(self.appointments.rpc_address()));
        row("payments", self.payments.http_address(), Some(self.payments.rpc_address()));
        Ok(table)
    }

    /// Runs until shut down. When one part fails, all end.
    pub(crate) async fn run(self, shutdown: Shutdown) -> Result<(), Failure> {
        let (routes, health, gateway) = (self.routes(), self.health(), self.gateway);
        let gateway = Lifecycle::new(&health.clone(), gateway.drain_notice(), shutdown.clone())
            .server(|stop| gateway.serve(routes, health, Metrics::default(), stop));
        let mut parts = JoinSet::new();
        parts.spawn(finish(gateway.run()));
        parts.spawn(finish(self.auth.run(shutdown.clone())));
        parts.spawn(finish(self.users.run(shutdown.clone())));
        parts.spawn(finish(self.appointments.run(shutdown.clone())));
        parts.spawn(finish(self.payments.run(shutdown.clone())));
        let mut outcome = Ok(());
        while let Some(ended) = parts.join_next().await {
            shutdown.hurry();
            outcome = outcome.and(ended.map_err(Failure::from).and_then(|result| result));
        }
        outcome
    }
}

async fn finish<E: Into<Failure>>(part: impl Future<Output = Result<(), E>>) -> Result<(), Failure> {
    part.await.map_err(Into::into)
}
