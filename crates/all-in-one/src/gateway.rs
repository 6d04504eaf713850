//! Every path of the four services on one port, in this process.

use std::sync::Arc;

use chassis::http::{Description, Routes};

/// What the gateway's documentation says.
pub(crate) const DESCRIPTION: Description = Description {
    name: "signet",
    title: "Signet",
    about: "Stateless authentication for systems of several services, and a scheduling application that runs on it.",
    problems: &[auth_service::PROBLEMS, appointments_service::PROBLEMS, payments_service::PROBLEMS],
};

/// All routes of all services.
pub(crate) fn routes(services: Vec<Routes>) -> Routes {
    Arc::new(move |config| services.iter().for_each(|routes| routes(config)))
}
