//! Whether a process lives, and whether it should be sent requests.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpResponse, http::header, web::Data};
use serde::Serialize;
use verifier::Verifier;

/// What readiness depends on. Clones share one state.
///
/// A database or a peer that is down does not make a replica unready: the routes that need it answer 503
/// themselves, and every other route goes on.
#[derive(Clone, Default)]
pub struct Health {
    verifiers: Vec<(&'static str, Verifier)>,
    draining: Arc<AtomicBool>,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    /// What is wrong, by part; empty when all is well.
    reasons: BTreeMap<&'static str, Vec<String>>,
}

impl Health {
    /// Ready as soon as the verifier of `part` has keys it may use.
    #[must_use]
    pub fn with_verifier(mut self, part: &'static str, verifier: Verifier) -> Self {
        self.verifiers.push((part, verifier));
        self
    }

    /// Ready when both are.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.verifiers.extend(other.verifiers.iter().cloned());
        self
    }

    /// Not ready from now on: the end has begun.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the end has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Whether requests should be sent here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.is_draining() && self.verifiers.iter().all(|(_, verifier)| verifier.health().usable)
    }

    /// Returns once every verifier has had keys. Says nothing about how long that takes: put a timeout around it.
    pub async fn until_ready(&self) {
        for (_, verifier) in &self.verifiers {
            verifier.until_usable().await;
        }
    }

    fn reasons(&self) -> BTreeMap<&'static str, Vec<String>> {
        let verifiers = self.verifiers.iter().map(|(part, verifier)| {
            (*part, verifier.health().reasons.iter().map(ToString::to_string).collect::<Vec<_>>())
        });
        let mut reasons: BTreeMap<_, _> = verifiers.filter(|(_, reasons)| !reasons.is_empty()).collect();
        if self.is_draining() {
            reasons.insert("process", vec!["shutting down".to_owned()]);
        }
        reasons
    }
}

/// `GET /livez`: the process answers.
pub(crate) async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: 200 when requests should be sent here, 503 with the reasons when not.
pub(crate) async fn readyz(health: Data<Health>) -> HttpResponse {
    let ready = health.is_ready();
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let status = if ready { "ready" } else { "not ready" };
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response.json(Readiness { status, reasons: health.reasons() })
}
