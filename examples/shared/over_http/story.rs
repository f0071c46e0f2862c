//! The story of the README, with what matters in it: a dependency goes and comes back.

use serde_json::{Value, json};

use super::{
    client::get,
    program::{Both, Program},
};

#[test]
fn orders_follows_users_down_and_up_and_stays_alive() {
    let mut both = Both::start();
    let orders = both.orders;
    let health = || {
        let answer = get(orders, "/z/health");
        (
            answer.code(),
            serde_json::from_str::<Value>(&answer.body).unwrap(),
        )
    };
    let codes = || {
        ["readiness", "liveness", "book", "users"]
            .map(|path| get(orders, &format!("/z/health/{path}")).code())
    };
    let order = || get(orders, "/orders/1");

    let (code, whole) = health();
    assert_eq!((code, &whole["status"]), (200, &json!("UP")));
    assert_eq!(
        whole["components"]["users"]["components"]["directory"],
        json!({"status": "UP"})
    );
    assert_eq!(codes(), [200, 200, 200, 200]);
    assert_eq!(order().code(), 200);

    both.stop_users();
    let (code, whole) = health();
    assert_eq!((code, &whole["status"]), (503, &json!("DOWN")));
    let users = &whole["components"]["users"];
    let refused = format!("{} refused the connection", both.users);
    assert_eq!(
        (&users["status"], &users["details"]["error"]),
        (&json!("DOWN"), &json!(refused))
    );
    assert_eq!(codes(), [503, 200, 200, 503]);
    assert_eq!(order().code(), 502);

    let mut again = both.start_users_again();
    let (code, whole) = health();
    assert_eq!((code, &whole["status"]), (200, &json!("UP")));
    assert_eq!(codes(), [200, 200, 200, 200]);
    assert_eq!(order().code(), 200);

    both.program.signal("TERM");
    both.program.ended_well();
    again.signal("TERM");
    again.ended_well();
}

#[test]
fn without_users_from_the_start_orders_starts_and_waits_for_it() {
    let both = Both::start();
    both.stop_users();
    let address = both.users.to_string();
    let (_alone, orders) =
        Program::listening(&["orders", "--listen", "127.0.0.1:0", "--users", &address]);
    assert_eq!(get(orders, "/z/health/readiness").code(), 503);
    assert_eq!(get(orders, "/z/health/liveness").code(), 200);
    let _again = both.start_users_again();
    assert_eq!(get(orders, "/z/health/readiness").code(), 200);
}
