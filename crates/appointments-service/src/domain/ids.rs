//! Names of what this service keeps. A provider's name is the [`identity::UserId`] of its account.

identity::id!(
    /// An appointment, under which its payment is known too.
    AppointmentId
);
identity::id!(
    /// Something a provider offers.
    OfferingId
);
