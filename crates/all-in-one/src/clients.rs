//! The services of this process as clients of its issuer: what each may ask for. In the replicated stack and on Kubernetes
//! the job `clients` says the same.

use auth_service::{Acting, Administration, ClientRights};
use chassis::client::ClientSettings;
use identity::{RequiredScope, scope};

use crate::{commands::Failure, settings::Composition};

/// Who asks, and what it may have.
pub(crate) type Client = (ClientSettings, ClientRights);

/// Every service that is a client.
pub(crate) fn of(settings: &Composition) -> Vec<Client> {
    let users = settings.users.trust.feed.as_ref().map(|feed| (feed.client.clone(), follower()));
    let appointments = ClientRights {
        acting: Some(Acting { service: "appointments".to_owned(), at: vec!["payments".to_owned()] }),
        ..caller("payments", scope::PaymentsRelease::NAME)
    };
    let payments = caller("appointments", scope::AppointmentsReport::NAME);
    let others =
        [(settings.appointments.client.clone(), appointments), (settings.payments.client.clone(), payments)];
    users.into_iter().chain(others).collect()
}

/// Has the issuer know them.
pub(crate) async fn ensure(clients: Vec<Client>, administration: &Administration) -> Result<(), Failure> {
    for (client, rights) in clients {
        administration.ensure_client(client.client_id.parse()?, &client.client_secret, rights).await?;
    }
    Ok(())
}

/// Hears what is revoked.
fn follower() -> ClientRights {
    let scopes = [scope::Revocations::NAME].into_iter().collect();
    ClientRights { scopes, audiences: vec!["auth".to_owned()], acting: None }
}

/// That too, and calls a service.
fn caller(service: &str, scope: &str) -> ClientRights {
    let scopes = [scope::Revocations::NAME, scope].into_iter().collect();
    ClientRights { scopes, audiences: vec!["auth".to_owned(), service.to_owned()], acting: None }
}
