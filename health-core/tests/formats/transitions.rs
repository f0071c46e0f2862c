//! `/transitions`, behind the visibility of the whole.

use health_core::{Health, Show};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::support::{Asker, V3, ask, get, management};

#[tokio::test]
async fn the_last_changes_are_told_in_their_order() {
    let works = Arc::new(AtomicBool::new(true));
    let check = {
        let works = Arc::clone(&works);
        move || {
            let works = works.load(Ordering::SeqCst);
            async move {
                match works {
                    true => Health::up(),
                    false => Health::down().detail("error", "refused"),
                }
            }
        }
    };
    let management = management(|builder| builder.check("db", check).show_details(Show::Always));
    let empty = get(&management, "/z/transitions").await;
    assert_eq!(
        (empty.status, empty.body.as_str()),
        (200, r#"{"transitions":[]}"#)
    );
    assert_eq!(empty.header("content-type"), Some(V3));
    get(&management, "/z/health").await;
    works.store(false, Ordering::SeqCst);
    get(&management, "/z/health").await;
    get(&management, "/z/health").await;
    let told = get(&management, "/z/transitions").await.json();
    let told = told["transitions"].as_array().expect("a list");
    let changes: Vec<_> = told
        .iter()
        .map(|change| {
            ["component", "from", "to", "reason"]
                .map(|key| change[key].as_str().unwrap_or("-").to_owned())
        })
        .collect();
    assert_eq!(
        changes,
        [["db", "-", "UP", "-"], ["db", "UP", "DOWN", "refused"]]
    );
    assert!(
        told.iter()
            .all(|change| change["at"].as_str().is_some_and(|at| at.ends_with('Z'))),
        "{told:?}"
    );
}

#[tokio::test]
async fn only_those_who_see_details_and_components_of_the_whole_find_it() {
    let cases = [
        (Show::Always, Show::Always, Asker::Anonymous, 200),
        (Show::Always, Show::Never, Asker::Operator, 404),
        (Show::Never, Show::Always, Asker::Operator, 404),
        (Show::Always, Show::WhenAuthorized, Asker::Anonymous, 404),
        (Show::Always, Show::WhenAuthorized, Asker::Operator, 200),
    ];
    for (components, details, asker, status) in cases {
        let management = management(|builder| {
            builder
                .show_components(components)
                .show_details(details)
                .roles(["ops"])
        });
        let case = format!("{components:?} {details:?} {asker:?}");
        for (method, code) in [("GET", 200), ("HEAD", 200), ("OPTIONS", 200), ("POST", 405)] {
            let expected = if status == 404 { 404 } else { code };
            let answer = ask(&management, method, "/z/transitions", &[], asker).await;
            assert_eq!(answer.status, expected, "{case} {method}");
        }
    }
}
