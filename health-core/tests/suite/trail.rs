//! Questions that come through other applications: loops, long ways, and who is named in the answer.

use std::sync::{Arc, Mutex};

use health_core::{
    Call, Check, CheckResult, Component, DEFAULT_MAX_HOPS, Health, MAX_NAME_CHARACTERS, Management,
    Scope, async_trait,
};
use http::HeaderMap;

use crate::support::{Runs, Sequence, Slow, ask, get, management, ms, of_scope};

/// One check of each scope, each counted.
struct Orders {
    management: Management,
    application: Runs,
    local: Runs,
    other: Runs,
}

fn orders() -> Orders {
    let (application, local, other) = (Runs::default(), Runs::default(), Runs::default());
    let management = management(|builder| {
        builder
            .check(
                "users",
                application.count(of_scope(Scope::Application, async || ())),
            )
            .check("disk", local.count(of_scope(Scope::Local, async || ())))
            .check("db", other.count(of_scope(Scope::External, async || ())))
            .check("queue", other.count(async || ()))
    });
    Orders {
        management,
        application,
        local,
        other,
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_came_round_asks_no_application_again() {
    let orders = orders();
    let trail = "orders,users";
    let answer = ask(&orders.management, "GET", "/z/health")
        .header("health-trail", trail)
        .await;
    assert_eq!(answer.outcome(), (200, "UP".to_owned()));
    assert_eq!(answer.text_at("/components/users/status"), "UNKNOWN");
    assert_eq!(
        answer.text_at("/components/users/description"),
        "not asked: the question came round in a loop, orders -> users -> orders"
    );
    for component in ["disk", "db", "queue"] {
        assert_eq!(
            answer.text_at(&format!("/components/{component}/status")),
            "UP"
        );
    }
    let runs = [&orders.application, &orders.local, &orders.other].map(Runs::started);
    assert_eq!(runs, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_question_from_elsewhere_asks_everybody() {
    let orders = orders();
    for trail in ["users", "a,b,c,d", "ORDERS", "orders2", ""] {
        let answer = ask(&orders.management, "GET", "/z/health")
            .header("health-trail", trail)
            .await;
        assert_eq!(answer.text_at("/components/users/status"), "UP", "{trail}");
    }
    assert_eq!(orders.application.started(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_question_over_too_many_hops_asks_no_application() {
    let at = |max_hops| {
        management(|builder| {
            builder
                .max_hops(max_hops)
                .check("users", of_scope(Scope::Application, async || ()))
        })
    };
    let names = |count: usize| {
        (0..count)
            .map(|number| format!("a{number}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    for (max_hops, hops, is_asked) in [
        (DEFAULT_MAX_HOPS, DEFAULT_MAX_HOPS - 1, true),
        (DEFAULT_MAX_HOPS, DEFAULT_MAX_HOPS, false),
        (DEFAULT_MAX_HOPS, 60, false),
        (0, 0, true),
        (0, 1, false),
        (1, 1, false),
        (2, 1, true),
    ] {
        let answer = ask(&at(max_hops), "GET", "/z/health")
            .header("health-trail", names(hops))
            .await;
        let status = if is_asked { "UP" } else { "UNKNOWN" };
        assert_eq!(
            answer.text_at("/components/users/status"),
            status,
            "{hops} of {max_hops}"
        );
        let description = answer.text_at("/components/users/description");
        assert_eq!(
            description.starts_with("not asked: the question already came over"),
            !is_asked
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_trail_that_cannot_be_read_came_too_far_whatever_the_cap() {
    let many = "a,".repeat(20_000);
    let long = "a".repeat(10_000);
    let trails: [(&str, &[u8]); 4] = [
        ("no UTF-8", b"\xff\xfe"),
        ("no UTF-8 in a name that is readable", b"users,\xff"),
        ("too many names", many.as_bytes()),
        ("a name that nobody can have", long.as_bytes()),
    ];
    for max_hops in [DEFAULT_MAX_HOPS, 64, 1_000, usize::MAX] {
        let users = of_scope(Scope::Application, async || ());
        let management = management(|builder| builder.max_hops(max_hops).check("users", users));
        for (name, trail) in trails {
            let answer = ask(&management, "GET", "/z/health")
                .header("health-trail", trail)
                .await;
            assert_eq!(answer.status, 200, "{name}");
            assert_eq!(
                answer.text_at("/components/users/status"),
                "UNKNOWN",
                "{name}, {max_hops}"
            );
            assert!(
                answer.body.len() < 2_000,
                "{name}: {} bytes",
                answer.body.len()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_trail_is_not_told_whole_by_each_component() {
    let long = |number: usize| format!("{number:0>MAX_NAME_CHARACTERS$}");
    let names: Vec<String> = (0..60).map(long).collect();
    let names = names.join(",");
    for trail in [names.clone(), format!("{names},orders")] {
        let orders = orders();
        let answer = ask(&orders.management, "GET", "/z/health")
            .header("health-trail", &trail)
            .await;
        let description = answer.text_at("/components/users/description");
        assert!(description.starts_with("not asked: the question "));
        assert!(description.contains(&long(0)), "the first ones are told");
        let length = description.len();
        assert!(length < 10 * MAX_NAME_CHARACTERS, "{length} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_names_stay_text() {
    let orders = orders();
    for trail in [
        "\"},{\"",
        "%00%0d%0ax",
        "%ff%fe",
        "<script>",
        "%",
        "%%%",
        "a b",
        ",,,x,,,",
        "größe",
    ] {
        let trail = format!("{trail},orders");
        let answer = ask(&orders.management, "GET", "/z/health")
            .header("health-trail", &trail)
            .await;
        assert_eq!(answer.status, 200, "{trail}");
        let description = answer.text_at("/components/users/description");
        assert!(
            description.starts_with("not asked: the question came round in a loop"),
            "{trail}"
        );
        assert_eq!(answer.header("health-via"), Some("orders"), "{trail}");
    }
    assert_eq!(orders.application.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_trail_may_come_in_several_lines() {
    let orders = orders();
    let question = ask(&orders.management, "GET", "/z/health").header("health-trail", "users");
    let answer = question.header("health-trail", "orders").await;
    assert_eq!(answer.text_at("/components/users/status"), "UNKNOWN");
}

#[tokio::test(start_paused = true)]
async fn who_brings_a_trail_hears_on_whom_the_answer_rests() {
    let management = management(|builder| {
        let via = |names: [&str; 2]| {
            let health = Health::up().via(names.map(str::to_owned));
            crate::support::holds(health)
        };
        builder
            .check("users", via(["users", "depot, old"]))
            .check("carts", via(["carts", "users"]))
            .check("db", async || ())
            .healthz("live", async || ())
    });
    let via = async |path: &str| {
        let answer = ask(&management, "GET", path)
            .header("health-trail", "shop")
            .await;
        answer.header("health-via").map(str::to_owned)
    };
    assert_eq!(
        via("/z/health").await.as_deref(),
        Some("carts,depot%2C%20old,orders,users")
    );
    assert_eq!(
        via("/z/health/carts").await.as_deref(),
        Some("carts,orders,users")
    );
    assert_eq!(via("/z/health/db").await.as_deref(), Some("orders"));
    assert_eq!(via("/z/health/liveness").await.as_deref(), Some("orders"));
    for path in [
        "/z",
        "/z/info",
        "/z/version",
        "/z/health/nope",
        "/healthz/live",
    ] {
        assert_eq!(via(path).await, None, "{path}");
    }
    for path in ["/z/health", "/z/health/carts", "/z/health/liveness"] {
        assert_eq!(
            get(&management, path).await.header("health-via"),
            None,
            "{path}: no trail came"
        );
        let empty = ask(&management, "GET", path)
            .header("health-trail", " , ")
            .await;
        assert_eq!(
            empty.header("health-via"),
            None,
            "{path}: an empty trail is none"
        );
    }
}

/// Notes what a call to another application would send.
#[derive(Clone, Default)]
struct Sends(Arc<Mutex<Vec<HeaderMap>>>);

#[async_trait]
impl Check for Sends {
    async fn check(&self) -> CheckResult {
        let call = Call::current().ok_or_else(|| health_core::CheckError::new("no call"))?;
        self.0
            .lock()
            .expect("not poisoned")
            .push(call.headers().collect());
        Ok(Health::up())
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_carries_the_trail_and_what_is_left_of_the_time() {
    let sends = Sends::default();
    let slow = Slow {
        delay: ms(100),
        check: sends.clone(),
    };
    let slow = of_scope(Scope::Application, slow);
    let management = management(|builder| builder.deadline(ms(500)).check("users", slow));
    assert!(Call::current().is_none());
    get(&management, "/z/health").await;
    ask(&management, "GET", "/z/health")
        .header("health-trail", "shop,a%2Cb")
        .await;
    let sent = sends.0.lock().expect("not poisoned").clone();
    let values = |headers: &HeaderMap| {
        ["health-trail", "health-budget-ms"]
            .map(|name| headers[name].to_str().expect("a text").to_owned())
    };
    assert_eq!(values(&sent[0]), ["orders", "360"], "nine tenths of 400 ms");
    assert_eq!(values(&sent[1]), ["shop,a%2Cb,orders", "360"]);
}

#[test]
fn an_answers_headers_say_whom_it_rests_on() {
    let mut headers = HeaderMap::new();
    headers.append("health-via", "users, depot".parse().expect("a value"));
    headers.append("health-via", "%C3%BC".parse().expect("a value"));
    let expected = ["users", "depot", "ü"].map(str::to_owned);
    assert_eq!(
        Call::attribute(Health::up(), &headers),
        Health::up().via(expected)
    );
    assert_eq!(
        Call::attribute(Health::up(), &HeaderMap::new()),
        Health::up()
    );
}

#[tokio::test(start_paused = true)]
async fn only_a_check_that_asks_applications_is_told_the_trail() {
    for (scope, expected) in [
        (Scope::Application, "shop,orders"),
        (Scope::External, "orders"),
        (Scope::Local, "orders"),
        (Scope::Unspecified, "orders"),
    ] {
        let sends = Sends::default();
        let management =
            management(|builder| builder.check("users", of_scope(scope, sends.clone())));
        let question = ask(&management, "GET", "/z/health").header("health-trail", "shop");
        assert_eq!(question.await.status, 200);
        let sent = sends.0.lock().expect("not poisoned").clone();
        assert_eq!(sent[0]["health-trail"], expected, "{scope:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_nested_question_takes_the_last_result_within_its_ttl_unless_it_rests_on_the_asker() {
    let last = Health::down()
        .description("out of seats")
        .via(["users".to_owned()]);
    let cases = [
        ("shop", 1_999, "DOWN"),
        ("shop", 2_000, "UP"),
        ("shop,users", 0, "UP"),
    ];
    for (trail, age, status) in cases {
        let users = Sequence::new([last.clone(), Health::up()]);
        let users = Component::new("users", of_scope(Scope::Application, users));
        let management = management(|builder| builder.component(users.ttl(ms(2_000))));
        assert_eq!(get(&management, "/z/health").await.status, 503);
        tokio::time::sleep(ms(age)).await;
        let nested = ask(&management, "GET", "/z/health").header("health-trail", trail);
        let answer = nested.await;
        assert_eq!(
            answer.text_at("/components/users/status"),
            status,
            "{trail} after {age} ms"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_names_no_more_than_fits_into_a_header() {
    let name = |number: usize| format!("application-{number}");
    let many: Vec<String> = (0..5_000).map(name).collect();
    let mut headers = HeaderMap::new();
    for name in &many {
        headers.append("health-via", name.parse().expect("a value"));
    }
    let too_long = "x".repeat(MAX_NAME_CHARACTERS + 1);
    headers.insert("health-via", too_long.parse().expect("a value"));
    let unread = Call::attribute(Health::up(), &headers);
    assert_eq!(unread, Health::up(), "nobody can have such a name");

    for check in ["users", "carts"] {
        let via = Health::up().via(many.clone());
        let management = management(|builder| builder.check(check, crate::support::holds(via)));
        let question = ask(&management, "GET", "/z/health").header("health-trail", "shop");
        let answer = question.await;
        let via = answer.header("health-via").expect("is there");
        assert!(via.len() < 8_000, "{} bytes", via.len());
        assert!(
            via.ends_with(",orders") || via.contains(",orders,"),
            "{via}"
        );
    }
}
