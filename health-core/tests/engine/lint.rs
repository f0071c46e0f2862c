//! What the start-up lint leaves alone, and where its bounds are.

use health_core::{Builder, Component, Group, Probe, Probes, Scope, test_util::Script};

use crate::support::{every, management, ms, secs};

type Change = fn(Builder) -> Builder;

fn local(scope: Scope) -> Component {
    Component::new("db", Script::up().scope(scope))
}

fn on_liveness(builder: Builder, component: Component) -> Builder {
    builder
        .component(component)
        .group(Group::new("liveness").include(["livenessState", "db"]))
}

#[test]
fn its_bounds_are_exact() {
    let cases: [(&str, Change, &[&str]); 13] = [
        (
            "a deadline just below",
            |b| b.component(local(Scope::External).deadline(ms(999)).readiness()),
            &[],
        ),
        (
            "a deadline as long",
            |b| b.component(local(Scope::External).deadline(secs(1)).readiness()),
            &["readiness: the deadline of `db`, 1s, is not below the probe's timeout of 1s"],
        ),
        (
            "a TTL as long",
            |b| b.component(local(Scope::External).ttl(secs(5)).readiness()),
            &[],
        ),
        (
            "a TTL just above",
            |b| b.component(local(Scope::External).ttl(ms(5_001)).readiness()),
            &["readiness: the TTL of `db`, 5.001s, is above the probe's period of 5s"],
        ),
        (
            "not on a probe",
            |b| b.component(local(Scope::External).deadline(secs(9)).ttl(secs(900))),
            &[],
        ),
        (
            "in the background",
            |b| {
                b.component(
                    local(Scope::External)
                        .deadline(secs(9))
                        .ttl(secs(900))
                        .background(every(secs(60)))
                        .readiness(),
                )
            },
            &[],
        ),
        (
            "below a composite",
            |b| {
                let pair = Component::composite("pair", [local(Scope::External).deadline(secs(2))]);
                b.component(pair.readiness())
            },
            &["readiness: the deadline of `pair/db`, 2s, is not below the probe's timeout of 1s"],
        ),
        (
            "local on liveness",
            |b| on_liveness(b, local(Scope::Local)),
            &[],
        ),
        (
            "not said, on liveness",
            |b| on_liveness(b, local(Scope::Unspecified)),
            &[],
        ),
        (
            "an application on liveness, also in the background",
            |b| on_liveness(b, local(Scope::Application).background(every(secs(1)))),
            &[
                "liveness: `db` asks something outside of this process: should that fail, every replica is restarted",
            ],
        ),
        ("a drain as long", |b| b.drain_grace(secs(10)), &[]),
        (
            "a drain just shorter",
            |b| b.drain_grace(ms(9_999)),
            &[
                "the drain of 9.999s is shorter than the 10s that the readiness probe needs to notice it",
            ],
        ),
        (
            "a longer timeout",
            |b| {
                let probe = Probe::new(secs(5), 2).timeout(secs(10));
                b.probes(Probes::default().readiness(probe))
                    .component(local(Scope::External).deadline(secs(2)).readiness())
            },
            &[],
        ),
    ];
    for (name, change, findings) in cases {
        assert_eq!(management(change).lint(), findings, "{name}");
    }
}

#[test]
fn it_sees_what_was_put_later() {
    let management = management(|builder| builder);
    assert!(management.lint().is_empty());
    management
        .put(local(Scope::External).deadline(secs(2)).readiness())
        .expect("valid");
    assert_eq!(management.lint().len(), 1);
}
