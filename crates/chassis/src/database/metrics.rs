//! How the database and its connections are, for Prometheus: read when scraped.

use std::fmt;

use deadpool::{
    Status,
    managed::{Manager, Pool},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};

use super::{Database, pool::Pools};
use crate::metrics::Metrics;

impl Database {
    /// Shows how this database is, as that of `service`.
    pub fn register(&self, metrics: &Metrics, service: &'static str) {
        let gauges = Gauges { service, database: self.clone() };
        metrics.register(|registry| registry.register_collector(Box::new(gauges)));
    }

    /// Connections in use, idle, and at most.
    fn connections(&self) -> (u32, u32, u32) {
        fn of<M: Manager>(pool: &Pool<M>) -> (u32, u32, u32) {
            let Status { size, available: idle, max_size, .. } = pool.status();
            let [in_use, idle, most] =
                [size - idle, idle, max_size].map(|number| number.try_into().unwrap_or(u32::MAX));
            (in_use, idle, most)
        }
        match &self.0 {
            Pools::Postgres(pool) => of(pool.inner()),
            Pools::Sqlite(pools) => {
                let (writer, readers) = (of(&pools.writer), of(&pools.readers));
                (writer.0 + readers.0, writer.1 + readers.1, writer.2 + readers.2)
            }
        }
    }
}

struct Gauges {
    service: &'static str,
    database: Database,
}

impl Collector for Gauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let own = ("service", self.service);
        let mut up = encoder.encode_descriptor(
            "database_up",
            "Whether the database answers",
            None,
            MetricType::Gauge,
        )?;
        ConstGauge::new(i64::from(self.database.is_up())).encode(up.encode_family(&[own])?)?;

        let (in_use, idle, most) = self.database.connections();
        let help = "Connections to the database";
        let mut open = encoder.encode_descriptor("database_connections", help, None, MetricType::Gauge)?;
        for (state, count) in [("in_use", in_use), ("idle", idle)] {
            ConstGauge::new(i64::from(count)).encode(open.encode_family(&[own, ("state", state)])?)?;
        }
        let (name, help) = ("database_connections_max", "Connections to the database at most");
        let mut limit = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::from(most)).encode(limit.encode_family(&[own])?)
    }
}

impl fmt::Debug for Gauges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gauges").field("service", &self.service).finish_non_exhaustive()
    }
}
