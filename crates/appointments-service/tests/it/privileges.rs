//! The role of the service owns its database, and that is all.

use chassis::database::DatabaseSettings;
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use testkit::TestDatabase;

use crate::app::App;

#[test]
fn owning_its_database_is_enough() {
    testkit::database::on_postgres(async |database: TestDatabase| {
        let mut url: url::Url = database.settings().url.expose_secret().parse().unwrap();
        let mut superuser = PgConnection::connect(url.as_str()).await.unwrap();
        let name = url.path().trim_start_matches('/').to_owned();
        let role = format!("owner_of_{name}");
        for statement in [
            format!("CREATE ROLE {role} LOGIN PASSWORD 'secret' NOSUPERUSER NOCREATEDB NOCREATEROLE"),
            format!("ALTER DATABASE {name} OWNER TO {role}"),
            format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"),
        ] {
            superuser.execute(AssertSqlSafe(statement)).await.unwrap();
        }
        url.set_username(&role).unwrap();
        url.set_password(Some("secret")).unwrap();
        let own = DatabaseSettings { url: DatabaseSettings::of(url).url, ..database.settings() };

        let app = App::start_with(database, |settings| settings.database = own).await;
        let studio = app.studio().await;
        let offering = app.offering(&studio, 60, 3000).await;
        app.booked(&app.issuer.customer(), &offering, "2027-01-18T08:00:00Z").await;
        app.stop_but(async {
            for statement in [
                format!("ALTER DATABASE {name} OWNER TO CURRENT_USER"),
                format!("REASSIGN OWNED BY {role} TO CURRENT_USER"),
                format!("DROP OWNED BY {role}"),
                format!("DROP ROLE {role}"),
            ] {
                superuser.execute(AssertSqlSafe(statement)).await.unwrap();
            }
        })
        .await;
    });
}
