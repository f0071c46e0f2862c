//! Servers that are none of Redis, or have lost their way.

use check_testing::servers::canned::{Canned, End};
use health_checks::Redis;

use crate::{alone, ask, assert_down, text};

#[test]
fn what_is_no_redis_is_never_up() {
    alone(async {
        let info = |text: &str| format!("${}\r\n{text}\r\n", text.len());
        let good = info("redis_version:7.0.15\r\nrole:master");
        let cases: [(&str, Vec<String>, &str); 12] = [
            (
                "HTTP",
                vec!["HTTP/1.1 400 Bad Request\r\n\r\n".into()],
                "what was answered is not Redis",
            ),
            (
                "nothing",
                vec!["\r\n".into()],
                "what was answered is not Redis",
            ),
            ("closed", vec![], "the connection"),
            (
                "null",
                vec!["$-1\r\n".into()],
                "INFO was not answered by a text",
            ),
            ("number", vec![":7\r\n".into()], "INFO holds no version"),
            (
                "list",
                vec!["*1\r\n$1\r\na\r\n".into()],
                "INFO was not answered by a text",
            ),
            ("empty", vec![info("")], "INFO holds no version"),
            (
                "no version",
                vec![info("role:master"), "+PONG\r\n".into()],
                "INFO holds no version",
            ),
            (
                "wrong length",
                vec!["$2\r\n\u{fffd}".into()],
                "what was answered is not Redis",
            ),
            (
                "no pong",
                vec![good.clone(), "+OK\r\n".into()],
                "PING was not answered by PONG",
            ),
            ("no answer to PING", vec![good.clone()], "no answer within"),
            (
                "refused PING",
                vec![good, "-ODD a\u{1b}b\r\n".into()],
                "the server answered ODD a b",
            ),
        ];
        for (name, answers, problem) in cases {
            let closes = name == "closed" || name == "HTTP";
            let end = if closes { End::Close } else { End::Hold };
            let answers = std::iter::once(String::new()).chain(answers);
            let server = Canned::start(answers, end);
            let check = Redis::connect(format!("redis://{}", server.address())).unwrap();
            let health = ask(&check).await;
            assert!(!text(&health, "error").is_empty(), "{name}");
            assert_down(&health, problem);
        }
    });
}
