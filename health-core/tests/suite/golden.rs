//! The JSON of every shape, in every visibility and version, in golden files.

use health_core::{Component, Group, Health, Management, Show};

use crate::support::{V2, V3, ask, failing, golden::Golden, holds, management};

const VISIBILITIES: [(&str, Show, Show); 3] = [
    ("hidden", Show::Never, Show::Never),
    ("components", Show::Always, Show::Never),
    ("details", Show::Always, Show::Always),
];

const VERSIONS: [(&str, &str); 2] = [("v3", V3), ("v2", V2)];

/// Every kind of component: names in both cases, a composite in a composite, components that a
/// check reports itself, one of them called like a detail, and descriptions.
fn shop(database: Health) -> impl Fn(Show, Show) -> Management {
    move |components, details| {
        let cluster = Health::up()
            .detail("node-1", "the component of the same name wins in version 2")
            .detail("leader", "node-2")
            .component("node-2", Health::up().detail("role", "leader"))
            .component(
                "node-1",
                Health::up().component("disk", Health::up().detail("free", 1)),
            );
        let storage = [
            Component::new(
                "files",
                holds(Health::up().detail("b", 1).detail("a", [1, 2])),
            ),
            Component::composite("caches", [Component::new("pages", async || ())]),
        ];
        management(|builder| {
            builder
                .check("db", holds(database.clone()))
                .check("Zookeeper", holds(cluster))
                .component(Component::composite("storage", storage).readiness())
                .group(Group::new("data").include(["db", "storage/files", "Zookeeper/node-2"]))
                .show_components(components)
                .show_details(details)
        })
    }
}

fn up() -> Health {
    Health::up()
        .detail("version", "17.2")
        .detail("database", "PostgreSQL")
        .detail("pool", 3)
}

fn down() -> Health {
    Health::down()
        .description("refuses connections")
        .error(health_core::CheckError::new("no route"))
}

#[tokio::test(start_paused = true)]
async fn answers_are_those_of_the_golden_files() {
    let mut golden = Golden::default();

    let shapes = [
        ("root", "/z/health"),
        ("group", "/z/health/data"),
        ("readiness", "/z/health/readiness"),
        ("leaf", "/z/health/db"),
        ("composite", "/z/health/storage"),
        ("nested-composite", "/z/health/storage/caches"),
        ("reporting-leaf", "/z/health/Zookeeper"),
        ("reported-component", "/z/health/Zookeeper/node-1"),
        ("member-of-group", "/z/health/data/storage"),
    ];
    let shop_up = shop(up());
    for (visibility, components, details) in VISIBILITIES {
        let shop = shop_up(components, details);
        for (version, accept) in VERSIONS {
            for (shape, path) in shapes {
                let answer = ask(&shop, "GET", path).accept(accept).await;
                if answer.status == 404 {
                    assert_eq!(components, Show::Never, "{path}");
                    continue;
                }
                let case = format!("{shape}.{visibility}.{version}");
                golden.compare(&case, &format!("GET {path}"), &answer);
            }
        }
    }

    let shop_down = shop(down());
    for (visibility, components, details) in VISIBILITIES {
        let shop = shop_down(components, details);
        let answer = ask(&shop, "GET", "/z/health").await;
        golden.compare(&format!("down.{visibility}.v3"), "GET /z/health", &answer);
    }

    let single = |status| {
        move |builder: health_core::Builder| builder.check("x", holds(Health::new(status)))
    };
    for (case, status) in [
        ("out-of-service", "OUT_OF_SERVICE"),
        ("unknown", "UNKNOWN"),
        ("undeclared-custom", "FATAL"),
    ] {
        let management = management(single(status));
        let answer = ask(&management, "GET", "/z/health").await;
        golden.compare(case, "GET /z/health", &answer);
    }

    let shop = shop_up(Show::Never, Show::Never);
    let answer = ask(&shop, "GET", "/z").header("host", "orders:8080").await;
    golden.compare("discovery", "GET /z", &answer);

    let healthz = management(|builder| {
        builder
            .healthz("live", async || ())
            .healthz("ready", failing("Can't connect to the database"))
    });
    for (case, path) in [
        ("healthz.ok", "/healthz/live"),
        ("healthz.failed", "/healthz/ready"),
        ("healthz.not-set-up", "/healthz/start"),
    ] {
        golden.compare(
            case,
            &format!("GET {path}"),
            &ask(&healthz, "GET", path).await,
        );
    }

    golden.finish();
}
