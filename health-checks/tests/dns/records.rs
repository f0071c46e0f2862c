//! What a real server knows.

use check_testing::servers::dns::Dnsmasq;
use health_checks::DnsRecord::{self, A, Aaaa, Caa, Cname, Mx, Ptr, Srv, Txt};
use serde_json::{Value, json};

use crate::{
    dns,
    shared::{alone, ask, assert_down, assert_up, detail},
};

const RECORDS: [&str; 10] = [
    "--host-record=db.test,10.0.0.2",
    "--host-record=db.test,10.0.0.1,fd00::1",
    "--cname=alias.test,db.test",
    "--mx-host=test,mail.test,10",
    "--mx-host=test,second.test,20",
    "--txt-record=text.test,v=spf1 -all",
    "--srv-host=_pg._tcp.test,db.test,5432,0,5",
    "--caa-record=caa.test,0,issue,ca.test",
    "--ptr-record=1.0.0.10.in-addr.arpa,db.test",
    "--local=/in-addr.arpa/",
];

#[test]
fn records_of_all_types_are_read() {
    alone(async {
        let server = Dnsmasq::start(&RECORDS);
        let cases: [(&str, DnsRecord, Value); 10] = [
            ("db.test", A, json!(["10.0.0.1", "10.0.0.2"])),
            ("DB.Test.", A, json!(["10.0.0.1", "10.0.0.2"])),
            ("db.test", Aaaa, json!(["fd00::1"])),
            ("alias.test", A, json!(["10.0.0.1", "10.0.0.2"])),
            ("alias.test", Cname, json!(["db.test"])),
            ("test", Mx, json!(["10 mail.test", "20 second.test"])),
            ("text.test", Txt, json!(["v=spf1 -all"])),
            ("_pg._tcp.test", Srv, json!(["0 5 5432 db.test"])),
            ("caa.test", Caa, json!(["0 issue ca.test"])),
            ("1.0.0.10.in-addr.arpa", Ptr, json!(["db.test"])),
        ];
        for (name, record, answers) in cases {
            let health = ask(&dns(server.address(), name, record)).await;
            let name = format!("{name} {record}");
            assert_up(&name, &health);
            assert_eq!(detail(&health, "answers"), answers, "{name}");
            let count = answers.as_array().unwrap().len();
            assert_eq!(detail(&health, "count"), json!(count), "{name}");
            assert_eq!(detail(&health, "recordType"), json!(record.to_string()));
            let ttl = detail(&health, "ttlSeconds");
            assert!(ttl.as_u64().is_some_and(|ttl| ttl <= 60), "{name}: {ttl}");
            let address = json!(server.address().to_string());
            assert_eq!(detail(&health, "server"), address);
            assert!(detail(&health, "answerMs").is_u64(), "{name}");
        }
    });
}

#[test]
fn expected_records_are_compared() {
    alone(async {
        let server = Dnsmasq::start(&RECORDS);
        let db = || dns(server.address(), "db.test", A);
        let up = [
            ("all", db().expect_all(["10.0.0.2", "10.0.0.1"]).unwrap()),
            ("any", db().expect_any(["10.0.0.9", "10.0.0.1"]).unwrap()),
            (
                "name",
                dns(server.address(), "alias.test", Cname)
                    .expect_all(["DB.test."])
                    .unwrap(),
            ),
            (
                "nothing",
                dns(server.address(), "gone.test", A).expect_none(),
            ),
        ];
        for (name, check) in up {
            assert_up(name, &ask(&check).await);
        }
        let down = [
            (
                "one more",
                db().expect_all(["10.0.0.1"]).unwrap(),
                "not expected: 10.0.0.2",
            ),
            (
                "one less",
                db().expect_all(["10.0.0.1", "10.0.0.2", "10.0.0.3"])
                    .unwrap(),
                "missing: 10.0.0.3",
            ),
            (
                "none of them",
                db().expect_any(["10.0.0.9"]).unwrap(),
                "none of the expected records is there: 10.0.0.9",
            ),
            ("should be gone", db().expect_none(), "should have none"),
            (
                "no such name",
                dns(server.address(), "gone.test", A),
                "the name `gone.test` does not exist (NXDOMAIN)",
            ),
            (
                "no such record",
                dns(server.address(), "db.test", Mx),
                "the name `db.test` has no MX records",
            ),
            (
                "not the business of the server",
                dns(server.address(), "example.com", A),
                "answered REFUSED",
            ),
        ];
        for (name, check, reason) in down {
            assert_down(name, &ask(&check).await, reason);
        }
    });
}

#[test]
fn an_answer_that_is_too_large_for_udp_comes_by_tcp() {
    alone(async {
        let many: Vec<String> = (0..20)
            .map(|number| format!("--txt-record=big.test,{number}{}", "x".repeat(200)))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let server = Dnsmasq::start(&many);
        let health = ask(&dns(server.address(), "big.test", Txt)).await;
        assert_up("big", &health);
        assert_eq!(detail(&health, "count"), json!(20));
    });
}

#[test]
fn a_change_is_seen_by_the_next_run() {
    alone(async {
        let mut server = Dnsmasq::start(&["--host-record=db.test,10.0.0.1"]);
        let check = dns(server.address(), "db.test", A);
        let check = check.expect_all(["10.0.0.1"]).unwrap();
        assert_up("before", &ask(&check).await);
        server.change(&["--host-record=db.test,10.0.0.7"]);
        let health = ask(&check).await;
        assert_down(
            "after",
            &health,
            "missing: 10.0.0.1; not expected: 10.0.0.7",
        );
    });
}
