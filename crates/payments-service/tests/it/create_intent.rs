//! `signet.payments.v1.Intents/Create`

use futures_util::future::join_all;
use identity::{SessionId, SystemEntropy};
use serde_json::json;
use testkit::each_engine;
use tonic::Code;
use verifier::testing::Forgery;
use wire::payments::v1::CreateIntentRequest;

use crate::{
    app::{App, NEIGHBOUR, eventually},
    feed::Feed,
};

each_engine! {
    async fn a_booking_has_one_payment(database: TestDatabase) {
        let app = App::start(database).await;
        let (customer, provider) = (app.issuer.customer(), app.issuer.provider());
        let order = app.order(&app.new_id(), &provider);
        let created = join_all((0..8).map(|_| app.create(&customer, order.clone()))).await;
        let first = created.first().unwrap().clone().unwrap();
        for intent in created {
            assert_eq!(intent.unwrap(), first);
        }
        let list = app.client.as_(&customer).get("/payments").await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        let payment = &list["items"][0];
        assert_eq!(payment["id"], first.payment_id);
        assert_eq!(payment["customer_id"], customer.user_id.to_string());
        assert_eq!(payment["provider_id"], provider.user_id.to_string());
        assert_eq!((payment["amount_minor"].as_i64(), payment["currency"].as_str()), (Some(5000), Some("EUR")));
        app.stop().await;
    }

    async fn a_payment_is_not_changed_by_asking_again(database: TestDatabase) {
        let app = App::start(database).await;
        let (customer, provider) = (app.issuer.customer(), app.issuer.provider());
        let order = app.order(&app.new_id(), &provider);
        app.create(&customer, order.clone()).await.unwrap();

        let stranger = app.create(&app.issuer.customer(), order.clone()).await;
        assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
        let provider_id = app.issuer.provider().user_id.to_string();
        for changed in [
            CreateIntentRequest { amount_minor: 1, ..order.clone() },
            CreateIntentRequest { currency: "CHF".into(), ..order.clone() },
            CreateIntentRequest { provider_id, ..order.clone() },
        ] {
            assert_eq!(app.create(&customer, changed).await.unwrap_err().code(), Code::InvalidArgument);
        }
        app.stop().await;
    }

    async fn what_makes_no_sense_is_refused(database: TestDatabase) {
        let app = App::start(database).await;
        let (customer, provider) = (app.issuer.customer(), app.issuer.provider());
        let order = app.order(&app.new_id(), &provider);
        for wrong in [
            CreateIntentRequest { appointment_id: "x".into(), ..order.clone() },
            CreateIntentRequest { provider_id: String::new(), ..order.clone() },
            CreateIntentRequest { amount_minor: 0, ..order.clone() },
            CreateIntentRequest { amount_minor: -1, ..order.clone() },
            CreateIntentRequest { amount_minor: i64::MAX, ..order.clone() },
            CreateIntentRequest { currency: "eur".into(), ..order.clone() },
            CreateIntentRequest { expires_at: i64::MAX, ..order.clone() },
            CreateIntentRequest { expires_at: 1_800_000_000, ..order.clone() },
        ] {
            let refused = app.create(&customer, wrong.clone()).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{wrong:?}");
        }
        app.stop().await;
    }

    async fn only_the_neighbour_may_ask_and_only_for_who_came_to_it(database: TestDatabase) {
        let app = App::start(database).await;
        let (issuer, customer, admin) = (&app.issuer, app.issuer.customer(), app.issuer.admin());
        let order = app.order(&app.new_id(), &issuer.provider());
        let code = async |token: &str| app.create_with(token, order.clone()).await.map_err(|status| status.code());
        let acting = || issuer.acting(NEIGHBOUR, &customer.token, "payments", "payments");
        let (unauthenticated, denied) = (Code::Unauthenticated, Code::PermissionDenied);
        let nobody = customer.user_id;
        for (name, token, expected) in [
            ("none", String::new(), unauthenticated),
            ("garbage", "a.b.c".to_owned(), unauthenticated),
            ("the customer's own", customer.token.clone(), denied),
            ("an administrator's own", admin.token.clone(), denied),
            ("the neighbour's own", issuer.own(NEIGHBOUR, "payments", "payments").mint(), denied),
            ("another client's", issuer.acting("billing", &customer.token, "payments", "payments").mint(), denied),
            ("one of a client of nearly its name", acting().actor(nobody, "appointments-service2").mint(), denied),
            ("for another service", acting().audience(["appointments", "auth"]).mint(), unauthenticated),
            ("without the scope", acting().scopes(["profile", "payments:release"]).mint(), denied),
            ("expired", acting().expired().mint(), unauthenticated),
            ("without an actor's name", acting().claim("act", json!({ "sub": nobody })).mint(), unauthenticated),
            ("tampered", acting().mint_tampered("sub", json!(admin.user_id)), unauthenticated),
        ] {
            assert_eq!(code(&token).await.err(), Some(expected), "{name}");
        }
        for forgery in Forgery::ALL {
            assert_eq!(code(&issuer.forge(forgery)).await.unwrap_err(), Code::Unauthenticated, "{forgery:?}");
        }
        assert!(code(&acting().mint()).await.is_ok());
        app.stop().await;
    }

    async fn who_has_logged_out_is_not_acted_for(database: TestDatabase) {
        let feed = Feed::start().await;
        let app = App::start_following(database, &feed).await;
        let session = SessionId::generate(app.issuer.ambient().clock.as_ref(), &SystemEntropy);
        let token = app.issuer.token().session(session).mint();
        let token = app.issuer.acting(NEIGHBOUR, &token, "payments", "payments").mint();
        let order = app.order(&app.new_id(), &app.issuer.provider());
        app.create_with(&token, order.clone()).await.unwrap();
        let end = app.issuer.ambient().clock.now().as_second() + 600;
        feed.revoke(&session.to_string(), end).await;
        eventually(async || {
            let answer = app.create_with(&token, order.clone()).await;
            answer.is_err_and(|status| status.code() == Code::Unauthenticated)
        })
        .await;
        app.stop().await;
    }
}
