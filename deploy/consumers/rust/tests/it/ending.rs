//! SIGTERM.

use crate::{
    consumer::{Consumer, Kind},
    for_each_consumer,
};

for_each_consumer!(sigterm_ends_it_well);

async fn sigterm_ends_it_well(kind: Kind) {
    let Some(mut consumer) = Consumer::start(kind).await else { return };
    let ended = consumer.terminate().await;
    // uvicorn cleans up and then ends as the signal would have ended it.
    let by_signal = std::os::unix::process::ExitStatusExt::signal(&ended);
    assert!(ended.success() || (kind == Kind::Python && by_signal == Some(15)), "{ended}");
}
