//! `signet.payments.v1.Intents/Create`

use futures_util::future::join_all;
use identity::scope;
use testkit::each_engine;
use tonic::Code;
use verifier::testing::Forgery;
use wire::payments::v1::CreateIntentRequest;

use crate::app::App;

each_engine! {
    async fn a_booking_has_one_payment(database: TestDatabase) {
        let app = App::start(database).await;
        let (customer, provider) = (app.issuer.customer(), app.issuer.provider());
        let order = app.order(&app.new_id(), &provider);
        let created = join_all((0..8).map(|_| app.create(&customer.token, order.clone()))).await;
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
        app.create(&customer.token, order.clone()).await.unwrap();

        let stranger = app.create(&app.issuer.customer().token, order.clone()).await;
        assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
        let provider_id = app.issuer.provider().user_id.to_string();
        for changed in [
            CreateIntentRequest { amount_minor: 1, ..order.clone() },
            CreateIntentRequest { currency: "CHF".into(), ..order.clone() },
            CreateIntentRequest { provider_id, ..order.clone() },
        ] {
            assert_eq!(app.create(&customer.token, changed).await.unwrap_err().code(), Code::InvalidArgument);
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
            let refused = app.create(&customer.token, wrong.clone()).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{wrong:?}");
        }
        app.stop().await;
    }

    async fn the_token_is_verified_again_and_must_be_meant_for_this_service(database: TestDatabase) {
        let app = App::start(database).await;
        let order = app.order(&app.new_id(), &app.issuer.provider());
        let code = async |token: &str| app.create(token, order.clone()).await.unwrap_err().code();
        assert_eq!(code("").await, Code::Unauthenticated);
        for forgery in Forgery::ALL {
            assert_eq!(code(&app.issuer.forge(forgery)).await, Code::Unauthenticated, "{forgery:?}");
        }
        let others = scope::ALL.iter().copied().filter(|scope| *scope != "payments");
        assert_eq!(code(&app.issuer.token_with(others)).await, Code::PermissionDenied);
        app.stop().await;
    }
}
