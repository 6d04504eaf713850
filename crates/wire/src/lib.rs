//! The gRPC contracts between services, generated from `proto/`. `tests/generated.rs` proves it current.

mod codec;

/// `proto/signet/auth/v1`: what auth-service tells whoever verifies its tokens.
pub mod auth {
    /// Version 1.
    pub mod v1 {
        #![allow(clippy::all, clippy::pedantic)]
        include!("generated/signet.auth.v1.rs");
    }
}

/// `proto/signet/payments/v1`: what payments-service can be asked.
pub mod payments {
    /// Version 1.
    pub mod v1 {
        #![allow(clippy::all, clippy::pedantic)]
        include!("generated/signet.payments.v1.rs");
    }
}

/// `proto/signet/appointments/v1`: what appointments-service is told.
pub mod appointments {
    /// Version 1.
    pub mod v1 {
        #![allow(clippy::all, clippy::pedantic)]
        include!("generated/signet.appointments.v1.rs");
    }
}
