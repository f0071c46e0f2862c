//! Questions that come through other applications: loops, long ways, and who is named in the answer.

use std::sync::{Arc, Mutex};

use health_core::{
    Call, Check, CheckResult, DEFAULT_MAX_HOPS, Health, Management, Scope, async_trait,
};
use http::HeaderMap;

use crate::support::{
    Hangs, Runs, Sequence, Slow, after, ask, assert_took, get, management, ms, of_scope, timed,
};

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
}

#[tokio::test(start_paused = true)]
async fn a_call_carries_the_trail_and_what_is_left_of_the_time() {
    let sends = Sends::default();
    let slow = Slow {
        delay: ms(100),
        check: sends.clone(),
    };
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
async fn a_nested_question_waits_for_anothers_run_half_of_its_time_at_most() {
    let cases = [
        ("no budget: half of what the run has left", None, 400),
        ("half of the budget", Some("200"), 100),
        ("a budget beyond the run's deadline", Some("60000"), 400),
    ];
    for (name, budget, expected) in cases {
        let management = management(|builder| {
            builder
                .deadline(ms(800))
                .check("users", of_scope(Scope::Application, Hangs))
                .check("disk", of_scope(Scope::Local, after(ms(10))))
        });
        let plain = ask(&management, "GET", "/z/health").send();
        let nested = ask(&management, "GET", "/z/health").header("health-trail", "users");
        let nested = budget
            .into_iter()
            .fold(nested, |ask, budget| ask.header("health-budget-ms", budget));
        let (answer, took) = timed(nested).await;
        assert_took(took, ms(expected));
        assert_eq!(
            answer.text_at("/components/users/status"),
            "UNKNOWN",
            "{name}"
        );
        assert_eq!(
            answer.text_at("/components/users/description"),
            "not known yet: another question to it is under way"
        );
        assert_eq!(answer.text_at("/components/disk/status"), "UP", "{name}");
        assert_eq!(
            plain.await.status(),
            503,
            "{name}: the first question gets the whole answer"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_nested_question_takes_the_last_result_unless_it_rests_on_the_asker() {
    let last = Health::down()
        .description("out of seats")
        .via(["users".to_owned()]);
    for (trail, status) in [("shop", "DOWN"), ("shop,users", "UNKNOWN")] {
        let users = Slow {
            delay: ms(100),
            check: Sequence::new([last.clone(), Health::up()]),
        };
        let management =
            management(|builder| builder.check("users", of_scope(Scope::Application, users)));
        assert_eq!(get(&management, "/z/health").await.status, 503);
        let plain = ask(&management, "GET", "/z/health").send();
        let nested = ask(&management, "GET", "/z/health")
            .header("health-trail", trail)
            .header("health-budget-ms", "100");
        let (answer, took) = timed(nested).await;
        assert_took(took, ms(50));
        assert_eq!(
            answer.text_at("/components/users/status"),
            status,
            "{trail}"
        );
        assert_eq!(plain.await.status(), 200, "{trail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_nested_question_does_not_take_a_result_from_long_ago() {
    let users = Slow {
        delay: ms(100),
        check: Sequence::new([Health::down(), Health::up()]),
    };
    let management = management(|builder| {
        builder
            .deadline(ms(200))
            .check("users", of_scope(Scope::Application, users))
    });
    assert_eq!(get(&management, "/z/health").await.status, 503);
    tokio::time::sleep(ms(401)).await;
    let plain = ask(&management, "GET", "/z/health").send();
    let nested = ask(&management, "GET", "/z/health")
        .header("health-trail", "shop")
        .header("health-budget-ms", "50");
    assert_eq!(nested.await.text_at("/components/users/status"), "UNKNOWN");
    assert_eq!(plain.await.status(), 200);
}

/// Two applications that ask each other, without a network between them.
struct Asks(Arc<Mutex<Option<Management>>>);

#[async_trait]
impl Check for Asks {
    async fn check(&self) -> CheckResult {
        let other = self.0.lock().expect("not poisoned").clone();
        let other = other.ok_or_else(|| health_core::CheckError::new("not started"))?;
        let call = Call::current().ok_or_else(|| health_core::CheckError::new("no call"))?;
        let headers: HeaderMap = call.headers().collect();
        let reply = other.respond(&health_core::Request::new("GET", "/z/health", &headers));
        let answer = reply.await;
        let health = if answer.status() == 200 {
            Health::up()
        } else {
            Health::down()
        };
        Ok(Call::attribute(health, answer.headers()))
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_applications_ends_at_once_and_under_many_questions() {
    let places: Vec<_> = (0..3).map(|_| Arc::new(Mutex::new(None))).collect();
    let runs = Runs::default();
    let applications: Vec<Management> = (0..3)
        .map(|number| {
            let next = Asks(Arc::clone(&places[(number + 1) % 3]));
            Management::builder(format!("app{number}"))
                .check("next", runs.count(next))
                .build()
                .expect("valid")
        })
        .collect();
    for (place, application) in places.iter().zip(&applications) {
        *place.lock().expect("not poisoned") = Some(application.clone());
    }

    let (answer, took) = timed(get(&applications[0], "/z/health")).await;
    assert_eq!((answer.outcome(), took), ((200, "UP".to_owned()), ms(0)));
    assert_eq!(runs.started(), 3, "each asked the next one once");

    let questions: Vec<_> = (0..300)
        .map(|number| ask(&applications[number % 3], "GET", "/z/health").send())
        .collect();
    let (codes, took) = timed(async {
        let mut codes = Vec::new();
        for question in questions {
            codes.push(question.await.status().as_u16());
        }
        codes
    })
    .await;
    assert!(codes.iter().all(|code| *code == 200), "{codes:?}");
    assert!(took < ms(800), "{took:?}");
    assert!(
        runs.started() <= 9,
        "{} runs for 300 questions",
        runs.started()
    );
    for place in places {
        *place.lock().expect("not poisoned") = None;
    }
}
