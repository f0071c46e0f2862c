//! Who sees what. Source: Spring Boot `AutoConfiguredHealthEndpointGroup`.

use health_core::{Builder, Component, Group, Health, Management, Show};
use serde_json::json;

use crate::support::{ask, get, holds, management};

fn shop(change: impl FnOnce(Builder) -> Builder) -> Management {
    let database = Health::down().description("full").detail("free", 0);
    management(|builder| {
        change(builder)
            .check("db", holds(database))
            .component(Component::composite(
                "pair",
                [Component::new("one", async || ())],
            ))
            .group(Group::new("data").include(["db"]))
    })
}

#[tokio::test(start_paused = true)]
async fn hidden_components_are_missing_and_count() {
    let shop = shop(|builder| {
        builder
            .show_components(Show::Never)
            .show_details(Show::Always)
    });
    let root = get(&shop, "/z/health").await;
    assert_eq!(
        root.json(),
        json!({"status": "DOWN", "description": "full", "groups": ["data", "liveness", "readiness", "startup"]})
    );
    assert_eq!(root.status, 503);
    assert_eq!(
        get(&shop, "/z/health/data").await.json(),
        json!({"status": "DOWN", "description": "full"})
    );

    let hidden = [
        "/z/health/db",
        "/z/health/pair",
        "/z/health/pair/one",
        "/z/health/data/db",
    ];
    let absent = get(&shop, "/z/health/nope").await;
    for path in hidden {
        assert_eq!(
            get(&shop, path).await,
            absent,
            "{path} must look like one that is not there"
        );
        assert_eq!(ask(&shop, "OPTIONS", path).await.status, 404, "{path}");
        assert_eq!(ask(&shop, "POST", path).await.status, 404, "{path}");
    }
    let ping = get(&shop, "/z/health/ping").await;
    assert_eq!((ping.status, ping.json()), (200, json!({"status": "UP"})));
}

#[tokio::test(start_paused = true)]
async fn hidden_details_leave_status_and_description() {
    let shop = shop(|builder| builder);
    let db = get(&shop, "/z/health/db").await;
    assert_eq!(
        (db.status, db.json()),
        (503, json!({"status": "DOWN", "description": "full"}))
    );
    let root = get(&shop, "/z/health").await;
    assert_eq!(
        root.at("/components/db"),
        json!({"status": "DOWN", "description": "full"})
    );
    assert_eq!(
        root.component_names(),
        "db livenessState pair ping readinessState"
    );
}

#[tokio::test(start_paused = true)]
async fn details_of_reported_components_are_hidden_at_every_depth() {
    let node = Health::up()
        .detail("secret", 1)
        .component("disk", Health::up().detail("secret", 2));
    let cluster = Health::up().detail("secret", 3).component("node", node);
    let management = management(|builder| {
        builder
            .check("cluster", holds(cluster))
            .group(Group::new("one").include(["cluster/node"]))
            .group(
                Group::new("open")
                    .include(["cluster/node"])
                    .show_details(Show::Always),
            )
    });
    for path in [
        "",
        "/cluster",
        "/cluster/node",
        "/cluster/node/disk",
        "/one",
        "/one/cluster/node",
    ] {
        let answer = get(&management, &format!("/z/health{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("secret"), "{path}: {answer:?}");
    }
    let open = get(&management, "/z/health/open").await;
    assert_eq!(
        open.at("/components/cluster/components/node/details/secret"),
        json!(1)
    );
}

#[tokio::test(start_paused = true)]
async fn roles_open_what_is_shown_when_authorized() {
    const NOBODY: Option<&[&str]> = None;
    const KNOWN: Option<&[&str]> = Some(&[]);
    const ADMIN: Option<&[&str]> = Some(&["user", "admin"]);
    use Show::{Always, Never, WhenAuthorized as When};
    let cases = [
        // name, components, details, roles that are needed, who asks, sees components, sees details
        ("nobody", When, When, &[][..], NOBODY, false, false),
        ("anybody known", When, When, &[], KNOWN, true, true),
        (
            "known, without the role",
            When,
            When,
            &["admin"],
            KNOWN,
            false,
            false,
        ),
        ("with the role", When, When, &["admin"], ADMIN, true, true),
        (
            "one role of several is enough",
            When,
            When,
            &["root", "admin"],
            ADMIN,
            true,
            true,
        ),
        (
            "roles are compared letter for letter",
            When,
            When,
            &["ADMIN"],
            ADMIN,
            false,
            false,
        ),
        (
            "details only when authorized, nobody",
            Always,
            When,
            &[],
            NOBODY,
            true,
            false,
        ),
        (
            "details only when authorized, known",
            Always,
            When,
            &[],
            KNOWN,
            true,
            true,
        ),
        (
            "roles do not matter to always",
            Always,
            Always,
            &["admin"],
            NOBODY,
            true,
            true,
        ),
        (
            "roles do not open what is never shown",
            Never,
            Never,
            &["admin"],
            ADMIN,
            false,
            false,
        ),
        ("details never", When, Never, &[], KNOWN, true, false),
        (
            "details without components",
            Never,
            Always,
            &[],
            KNOWN,
            false,
            true,
        ),
    ];
    for (name, components, details, roles, who, sees_components, sees_details) in cases {
        let shop = shop(|builder| {
            builder
                .show_components(components)
                .show_details(details)
                .roles(roles.iter().copied())
        });
        for path in ["/z/health", "/z/health/data"] {
            let request = ask(&shop, "GET", path);
            let answer = match who {
                Some(roles) => request.roles(roles).await,
                None => request.await,
            };
            assert_eq!(
                answer.status, 503,
                "{name}: the code does not depend on who asks"
            );
            assert_eq!(
                answer.at("/components/db").is_object(),
                sees_components,
                "{name}: {path}"
            );
            let details = answer.at("/components/db/details");
            assert_eq!(
                details.is_object(),
                sees_components && sees_details,
                "{name}: {path}"
            );
        }
        let request = ask(&shop, "GET", "/z/health/db");
        let leaf = match who {
            Some(roles) => request.roles(roles).await,
            None => request.await,
        };
        assert_eq!(
            leaf.status,
            if sees_components { 503 } else { 404 },
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_overrides_what_it_sets_and_inherits_the_rest() {
    let everything = |builder: Builder| {
        builder
            .show_components(Show::Always)
            .show_details(Show::WhenAuthorized)
            .roles(["admin"])
    };
    let group = |group: Group| shop(|builder| everything(builder).group(group.include(["db"])));
    let inherited = group(Group::new("g"));
    let cases = [
        ("inherits roles", inherited, &["admin"][..], true, true),
        (
            "has roles of its own",
            group(Group::new("g").roles(["ops"])),
            &["admin"],
            true,
            false,
        ),
        (
            "asks for its own roles",
            group(Group::new("g").roles(["ops"])),
            &["ops"],
            true,
            true,
        ),
        (
            "shows details to all",
            group(Group::new("g").show_details(Show::Always)),
            &[],
            true,
            true,
        ),
        (
            "hides components",
            group(Group::new("g").show_components(Show::Never)),
            &["admin"],
            false,
            false,
        ),
    ];
    for (name, shop, roles, sees_components, sees_details) in cases {
        let answer = ask(&shop, "GET", "/z/health/g").roles(roles).await;
        assert_eq!(
            answer.at("/components/db").is_object(),
            sees_components,
            "{name}"
        );
        assert_eq!(
            answer.at("/components/db/details").is_object(),
            sees_details,
            "{name}"
        );
        let member = ask(&shop, "GET", "/z/health/g/db").roles(roles).await;
        assert_eq!(
            member.status,
            if sees_components { 503 } else { 404 },
            "{name}"
        );
        let root = ask(&shop, "GET", "/z/health").roles(roles).await;
        assert!(
            root.at("/components/db").is_object(),
            "{name}: the root has its own setting"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_probes_are_terse_whatever_the_others_show() {
    let shop = shop(|builder| {
        builder
            .show_components(Show::Always)
            .show_details(Show::Always)
            .component(Component::new("queue", async || ()).readiness())
    });
    for probe in ["liveness", "readiness"] {
        let answer = get(&shop, &format!("/z/health/{probe}")).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"status":"UP"}"#),
            "{probe}"
        );
    }
    let shop =
        self::shop(|builder| builder.group(Group::new("readiness").show_components(Show::Always)));
    let answer = get(&shop, "/z/health/readiness").await;
    assert_eq!(answer.component_names(), "readinessState");
}

#[tokio::test(start_paused = true)]
async fn groups_are_listed_at_the_root_only() {
    let shop = shop(|builder| builder);
    assert_eq!(
        get(&shop, "/z/health").await.at("/groups"),
        json!(["data", "liveness", "readiness", "startup"])
    );
    for path in [
        "/z/health/data",
        "/z/health/pair",
        "/z/health/db",
        "/z/health/readiness",
    ] {
        assert!(get(&shop, path).await.at("/groups").is_null(), "{path}");
    }
}
