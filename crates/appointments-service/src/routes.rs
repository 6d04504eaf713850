//! The route table.

use std::sync::Arc;

use actix_web::web::Data;
use chassis::{
    Ambient,
    database::Database,
    http::{Mount, Routes},
};

use crate::{
    calendar::Calendar,
    handlers::{
        book::book, cancel::cancel, create_offering::create_offering, list_appointments::list_appointments,
        list_offerings::list_offerings, list_own_offerings::list_own_offerings,
        list_providers::list_providers, list_slots::list_slots, put_me::put_me,
        put_opening_hours::put_opening_hours, read_appointment::read_appointment,
        read_provider::read_provider, reschedule::reschedule, update_offering::update_offering,
        withdraw_offering::withdraw_offering,
    },
    metrics::Bookings,
    payments::Payments,
};

/// What handlers work with.
pub(crate) struct Parts {
    pub(crate) database: Database,
    pub(crate) ambient: Ambient,
    pub(crate) calendar: Calendar,
    pub(crate) payments: Payments,
    pub(crate) bookings: Bookings,
}

/// Everything under `/providers` and `/appointments`.
pub(crate) fn routes(mount: Mount, parts: Parts) -> Routes {
    let Parts { database, ambient, calendar, payments, bookings } = parts;
    let (database, clock, ambient) =
        (Data::new(database), Data::from(ambient.clock.clone()), Data::new(ambient));
    let (calendar, payments, bookings) = (Data::new(calendar), Data::new(payments), Data::new(bookings));
    Arc::new(move |config| {
        mount.under("/providers", config, |config| {
            config.app_data(database.clone()).app_data(clock.clone()).app_data(ambient.clone());
            // `/me` stands before `/{id}`, which would match it as well.
            config.service(put_me).service(put_opening_hours);
            config.service(list_own_offerings).service(create_offering);
            config.service(update_offering).service(withdraw_offering);
            config.service(list_providers).service(read_provider);
            config.service(list_offerings).service(list_slots);
        });
        mount.under("/appointments", config, |config| {
            config.app_data(database.clone()).app_data(clock.clone()).app_data(calendar.clone());
            config.app_data(payments.clone()).app_data(bookings.clone());
            config.service(list_appointments).service(book);
            config.service(read_appointment).service(cancel).service(reschedule);
        });
    })
}
