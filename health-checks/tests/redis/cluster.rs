//! A cluster of three masters, one of which dies.

use std::time::Duration;

use check_testing::{Restart, eventually, servers::redis::Redis as Server};
use health_checks::Redis;
use health_core::Status;
use redis::cluster::ClusterClient;

use crate::{alone, ask, assert_down, assert_up, number, text};

const WITHIN: Duration = Duration::from_secs(30);

#[test]
fn a_cluster_is_as_well_as_its_slots() {
    alone(async {
        let mut nodes = Server::start_cluster();
        let urls = nodes
            .each_ref()
            .map(|node| format!("redis://{}", node.address()));
        let client = ClusterClient::builder(urls.clone())
            .connection_timeout(Duration::from_millis(200))
            .build()
            .unwrap();
        let connection = client.get_async_connection().await.unwrap();
        let checks = [
            Redis::connect(&urls[0]).unwrap(),
            Redis::new(connection).require_writable(),
        ];
        for check in &checks {
            let health = ask(check).await;
            assert_up(&health);
            assert_eq!(text(&health, "mode"), "cluster");
            assert_eq!(number(&health, "cluster_size"), Some(3));
            assert_eq!(number(&health, "slots_up"), Some(16_384));
            assert_eq!(number(&health, "slots_fail"), Some(0));
        }

        nodes[2].kill();
        for check in &checks {
            eventually("the cluster has failed", WITHIN, async || {
                text(&ask(check).await, "error").contains("the cluster has failed")
            })
            .await;
            let health = ask(check).await;
            assert_down(&health, "the cluster has failed (cluster_state:fail)");
            assert_eq!(number(&health, "slots_fail"), Some(5462));
            assert_eq!(number(&health, "slots_up"), Some(10_922));
        }
        nodes[0].command(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
        eventually("the rest is served", WITHIN, async || {
            text(&ask(&checks[0]).await, "error") == "5462 of 16384 slots are not served"
        })
        .await;

        nodes[2].start();
        for check in &checks {
            eventually("the cluster is whole again", WITHIN, async || {
                *ask(check).await.status() == Status::UP
            })
            .await;
        }
    });
}
