//! What a standalone server and a replica tell of themselves.

use std::time::Duration;

use check_testing::{Folder, Restart, eventually, servers::redis::Redis as Server};
use health_checks::Redis;
use health_core::Status;
use redis::Client;

use crate::{alone, ask, assert_down, assert_up, number, text};

const WITHIN: Duration = Duration::from_secs(30);

fn of(server: &Server) -> Redis {
    Redis::connect(format!("redis://{}", server.address())).unwrap()
}

#[test]
fn a_master_tells_its_version_and_role() {
    alone(async {
        let server = Server::start(&[]);
        for check in [
            of(&server).require_writable(),
            Redis::connect(format!("valkey://localhost:{}", server.address().port())).unwrap(),
        ] {
            let health = ask(&check).await;
            assert_up(&health);
            let version = text(&health, "version");
            let told = server.command(&["INFO", "server"]);
            assert!(!version.is_empty() && told.contains(&format!("redis_version:{version}\r")));
            assert_eq!(text(&health, "mode"), "standalone");
            assert_eq!(text(&health, "role"), "master");
            assert_eq!(number(&health, "connectedReplicas"), Some(0));
            assert!(number(&health, "latencyMs").is_some());
        }
    });
}

#[test]
fn a_replica_is_judged_by_its_link() {
    alone(async {
        let mut master = Server::start(&["--repl-ping-replica-period", "1"]);
        let port = master.address().port().to_string();
        let replica = Server::start(&["--replicaof", "127.0.0.1", &port]);
        let reads = of(&replica).max_replica_lag(Duration::from_secs(20));
        eventually("the replica has its data", WITHIN, async || {
            *ask(&reads).await.status() == Status::UP
        })
        .await;
        let health = ask(&reads).await;
        assert_eq!(text(&health, "role"), "slave");
        assert_eq!(text(&health, "masterLinkStatus"), "up");
        assert!(number(&health, "masterLastIoSecondsAgo").is_some());
        assert_eq!(number(&health, "connectedReplicas"), None);
        let health = ask(&of(&replica).require_writable()).await;
        assert_down(&health, "this is a read-only replica");
        let of_master = of(&master);
        eventually("the replica has confirmed all", WITHIN, async || {
            let health = ask(&of_master).await;
            number(&health, "connectedReplicas") == Some(1)
                && number(&health, "lagBytes") == Some(0)
        })
        .await;

        master.process().signal("STOP");
        let strict = of(&replica).max_replica_lag(Duration::from_secs(1));
        eventually("the replica is behind", WITHIN, async || {
            text(&ask(&strict).await, "error").contains("at most 1 s are allowed")
        })
        .await;
        assert_down(&ask(&of_master).await, "no answer within");
        master.process().signal("CONT");
        eventually("the master is back", WITHIN, async || {
            *ask(&of_master).await.status() == Status::UP
        })
        .await;

        master.kill();
        eventually("the link is down", WITHIN, async || {
            let health = ask(&reads).await;
            *health.status() == Status::DOWN && text(&health, "masterLinkStatus") == "down"
        })
        .await;
        assert_down(&ask(&reads).await, "the link to the master is down");
        replica.command(&["CONFIG", "SET", "replica-serve-stale-data", "no"]);
        let ping = of(&replica).ping_only();
        assert_down(&ask(&ping).await, "lost its master and serves no old data");
    });
}

#[test]
fn users_and_passwords_are_told_apart() {
    alone(async {
        let server = Server::start(&["--requirepass", "right"]);
        let address = server.address();
        let user = |words: &[&str]| {
            let words = [&["-a", "right", "ACL", "SETUSER"], words].concat();
            assert_eq!(server.command(&words).trim(), "OK");
        };
        user(&["app", "on", ">pass", "+ping"]);
        user(&["off", "off", ">pass", "+@all"]);
        let open = Server::start(&[]);
        let cases = [
            (format!("redis://{address}"), "authentication is required"),
            (
                format!("redis://:wrong@{address}"),
                "authentication failed: wrong user or password",
            ),
            (
                format!("redis://nobody:x@{address}"),
                "authentication failed: wrong user or password",
            ),
            (
                format!("redis://off:pass@{address}"),
                "or the user is disabled",
            ),
            (
                format!("redis://app:pass@{address}"),
                "the user may not run this command (NOPERM)",
            ),
            (
                format!("redis://:some@{}", open.address()),
                "the server has none for this user",
            ),
        ];
        for (url, error) in cases {
            assert_down(&ask(&Redis::connect(&url).unwrap()).await, error);
        }
        let check = Redis::connect(format!("redis://app:pass@{address}")).unwrap();
        assert_up(&ask(&check.ping_only()).await);
        let check = Redis::connect(format!("redis://app:pass@{address}")).unwrap();
        let health = ask(&check.ping_only().require_writable()).await;
        assert_down(&health, "the role is not known");
    });
}

#[test]
fn a_server_that_cannot_save_or_is_full_says_so() {
    alone(async {
        let server = Server::start(&["--dbfilename", "dump.rdb"]);
        let check = of(&server);
        assert_up(&ask(&check).await);
        server.command(&["CONFIG", "SET", "save", "1 1"]);
        server.command(&["SET", "a", "b"]);
        let folder = server.command(&["CONFIG", "GET", "dir"]);
        let folder = folder.lines().nth(1).unwrap();
        std::fs::create_dir(format!("{folder}/dump.rdb")).unwrap();
        server.command(&["BGSAVE"]);
        eventually("saving has failed", WITHIN, async || {
            text(&ask(&check).await, "error").contains("MISCONF")
        })
        .await;
        std::fs::remove_dir(format!("{folder}/dump.rdb")).unwrap();
        eventually("saving works again", WITHIN, async || {
            server.command(&["BGSAVE"]);
            *ask(&check).await.status() == Status::UP
        })
        .await;

        server.command(&["CONFIG", "SET", "maxclients", "1"]);
        let client = Client::open(format!("redis://{}", server.address())).unwrap();
        let _other = client.get_multiplexed_async_connection().await;
        let fresh = of(&server);
        let with_password = Redis::connect(format!("redis://:x@{}", server.address())).unwrap();
        for check in [fresh, with_password] {
            assert_down(&ask(&check).await, "its `maxclients` is reached");
        }
    });
}

#[test]
fn a_server_that_loads_its_data_is_out_of_service() {
    alone(async {
        let delay_us = "500";
        let mut server = Server::start(&[
            "--key-load-delay",
            delay_us,
            "--loading-process-events-interval-bytes",
            "1024",
        ]);
        let fill = "for i = 1, 3000 do redis.call('set', i, string.rep('x', 100)) end";
        server.command(&["EVAL", fill, "0"]);
        assert_eq!(server.command(&["SAVE"]).trim(), "OK");
        let check = of(&server);
        server.kill();
        let starts = tokio::task::spawn_blocking(move || {
            server.start();
            server
        });
        eventually("the server loads", WITHIN, async || {
            let health = ask(&check).await;
            let loads = *health.status() == Status::OUT_OF_SERVICE;
            if loads {
                assert_eq!(text(&health, "error"), "the server is loading its data");
                assert!(
                    health.details().get("loadedPercent").is_some(),
                    "{health:?}"
                );
            }
            loads
        })
        .await;
        let _server = starts.await.unwrap();
        assert_up(&ask(&check).await);
    });
}

#[test]
fn a_socket_is_asked_too() {
    alone(async {
        let folder = Folder::new("redis-socket");
        let socket = folder.file("redis.sock");
        let _server = Server::start(&["--unixsocket", &socket]);
        assert_up(&ask(&Redis::connect(format!("unix://{socket}?db=1")).unwrap()).await);
        let other = Redis::connect(format!("unix://{socket}.other")).unwrap();
        assert_down(&ask(&other).await, "no connection to");
    });
}
