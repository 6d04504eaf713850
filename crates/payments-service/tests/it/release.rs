//! `signet.payments.v1.Releases/Release`

use futures_util::future::join_all;
use testkit::each_engine;
use tonic::Code;
use wire::payments::v1::ReleaseRequest;

use crate::app::{App, DELAY, GOOD, NEIGHBOUR, SLOW, SLOW_AND_DECLINED, eventually, release_request};

each_engine! {
    async fn an_unpaid_payment_is_cancelled(database: TestDatabase) {
        let mut app = App::start(database).await;
        let paying = app.payment().await;
        app.release(&paying.appointment_id, 5000).await.unwrap();
        assert_eq!(app.read(&paying).await["status"], "cancelled");
        app.confirm(&paying, GOOD, "k").await.problem(409, "payment_not_confirmable");
        app.appointments.expect_nothing();
        app.stop().await;
    }

    async fn of_a_paid_one_the_policy_s_share_is_given_back_once(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        let releases = join_all((0..8).map(|_| app.release(&paying.appointment_id, 2000))).await;
        assert!(releases.iter().all(Result::is_ok), "{releases:?}");
        app.release(&paying.appointment_id, 5000).await.unwrap();
        assert_eq!(app.read(&paying).await["refunded_minor"], 2000);
        eventually(async || app.books.given_back().await == (1, 2000)).await;
        app.stop().await;
    }

    async fn never_more_is_given_back_than_is_left(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        app.confirm(&paying, GOOD, "k").await.expect(200);
        app.refund(&paying, serde_json::json!({ "amount_minor": 4000 }), "r").await.expect(200);
        app.release(&paying.appointment_id, 3000).await.unwrap();
        assert_eq!(app.read(&paying).await["refunded_minor"], 5000);
        eventually(async || app.books.given_back().await == (2, 5000)).await;
        app.stop().await;
    }

    async fn a_charge_under_way_is_given_back_whole_when_it_comes(database: TestDatabase) {
        let mut app = App::start(database).await;
        let (late, never) = (app.payment().await, app.payment().await);
        app.confirm(&late, SLOW, "k").await.expect(200);
        app.confirm(&never, SLOW_AND_DECLINED, "k").await.expect(200);
        app.release(&late.appointment_id, 0).await.unwrap();
        app.release(&never.appointment_id, 0).await.unwrap();
        assert_eq!(app.read(&late).await["status"], "processing");

        app.issuer.clock().advance(DELAY);
        app.until(&late, "status", "succeeded").await;
        app.until(&never, "status", "failed").await;
        assert_eq!(app.read(&late).await["refunded_minor"], 5000);
        eventually(async || app.books.given_back().await == (1, 5000)).await;
        app.appointments.expect_nothing();
        app.stop().await;
    }

    async fn paying_and_releasing_at_once_never_keeps_the_money(database: TestDatabase) {
        let app = App::start(database).await;
        for round in 0..8 {
            let paying = app.payment().await;
            let (confirmed, released) = tokio::join!(
                app.confirm(&paying, GOOD, "k").into_future(),
                app.release(&paying.appointment_id, 5000),
            );
            released.unwrap();
            let payment = app.read(&paying).await;
            let (status, back) = (payment["status"].as_str().unwrap(), payment["refunded_minor"].as_i64());
            let settled = [("cancelled", Some(0)), ("succeeded", Some(5000))];
            assert!(settled.contains(&(status, back)), "round {round}: {payment}");
            assert!(confirmed.status == 200 || status == "cancelled", "round {round}: {}", confirmed.text);
        }
        let (_, charged) = app.books.charged().await;
        eventually(async || app.books.given_back().await.1 == charged).await;
        app.stop().await;
    }

    async fn a_booking_that_has_ended_gets_no_payment_to_make(database: TestDatabase) {
        let app = App::start(database).await;
        let (customer, provider) = (app.issuer.customer(), app.issuer.provider());
        let order = app.order(&app.new_id(), &provider);
        app.release(&order.appointment_id, 0).await.unwrap();
        assert_eq!(app.create(&customer, order).await.unwrap().status, "cancelled");
        app.stop().await;
    }

    async fn beginning_and_ending_at_once_leaves_nothing_to_pay(database: TestDatabase) {
        let app = App::start(database).await;
        let customer = app.issuer.customer();
        for round in 0..8 {
            let order = app.order(&app.new_id(), &app.issuer.provider());
            let appointment_id = order.appointment_id.clone();
            let (created, released) =
                tokio::join!(app.create(&customer, order), app.release(&appointment_id, 0));
            released.unwrap();
            let path = format!("/payments/{}", created.unwrap().payment_id);
            let payment = app.client.as_(&customer).get(&path).await.expect(200).json();
            assert_eq!(payment["status"], "cancelled", "round {round}");
        }
        app.stop().await;
    }

    async fn only_the_neighbour_in_its_own_name_counts(database: TestDatabase) {
        let app = App::start(database).await;
        let paying = app.payment().await;
        let own = |audience, scope| app.issuer.own(NEIGHBOUR, audience, scope);
        let acting = app.issuer.acting(NEIGHBOUR, &paying.customer.token, "payments", "payments").mint();
        for (what, token, code) in [
            ("none", String::new(), Code::Unauthenticated),
            ("the customer's", paying.customer.token.clone(), Code::PermissionDenied),
            ("the provider's", paying.provider.token.clone(), Code::PermissionDenied),
            ("an administrator's", app.issuer.admin().token, Code::PermissionDenied),
            ("one to act for the customer", acting, Code::PermissionDenied),
            ("for another purpose", own("payments", "revocations").mint(), Code::PermissionDenied),
            ("for another service", own("appointments", "payments:release").mint(), Code::Unauthenticated),
            ("expired", own("payments", "payments:release").expired().mint(), Code::Unauthenticated),
        ] {
            let refused = app.send_release_with(&token, release_request(&paying.appointment_id, 0)).await;
            assert_eq!(refused.unwrap_err().code(), code, "{what}");
        }
        assert_eq!(app.read(&paying).await["status"], "requires_confirmation");
        app.stop().await;
    }

    async fn what_makes_no_sense_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        assert_eq!(app.release("x", 0).await.unwrap_err().code(), Code::InvalidArgument);
        assert_eq!(app.release(&app.new_id(), -1).await.unwrap_err().code(), Code::InvalidArgument);
        let reason = "é\0".repeat(4000);
        let long = ReleaseRequest { reason, ..release_request(&app.new_id(), 0) };
        app.send_release(long).await.unwrap();
        app.stop().await;
    }
}
