#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::platform::Kind;

fn read(kind: Kind, text: &str) -> Result<ConnectString, &'static str> {
    ConnectString::read(text, Dialect::of(kind).unwrap())
}

/// Shows all parts, the password included: `user password host,host database`.
fn show(kind: Kind, text: &str) -> String {
    match read(kind, text) {
        Err(problem) => format!("problem: {problem}"),
        Ok(read) => {
            let hosts: Vec<String> = read.hosts().iter().map(Host::to_string).collect();
            let password = read.password().map_or("-", |p| p.expose().as_str());
            let user = read.user().unwrap_or("-");
            let database = read.database().unwrap_or("-");
            format!("{user} {password} {} {database}", hosts.join(","))
        }
    }
}

fn check(kind: Kind, cases: &[(&str, &str, &str)]) {
    for (name, text, expected) in cases {
        assert_eq!(show(kind, text), *expected, "{name}: {text}");
    }
}

#[test]
fn splits_what_the_platform_gives() {
    check(
        Kind::PostgreSql,
        &[
            (
                "all",
                "postgresql://u:p@H.Example:6432/Db",
                "u p h.example:6432 Db",
            ),
            ("short scheme", "postgres://h", "- - h:5432 -"),
            ("scheme in capitals", "PostgreSQL://h/d", "- - h:5432 d"),
            (
                "driver in the scheme",
                "postgresql+psycopg2://h/d",
                "- - h:5432 d",
            ),
            ("no password", "postgresql://u@h/db", "u - h:5432 db"),
            ("empty password", "postgresql://u:@h/db", "u - h:5432 db"),
            ("no user", "postgresql://:p@h/db", "- p h:5432 db"),
            ("no path", "postgresql://u:p@h:5432", "u p h:5432 -"),
            ("only a slash", "postgresql://u:p@h:5432/", "u p h:5432 -"),
            ("two slashes", "postgresql://u:p@h//db", "u p h:5432 /db"),
            (
                "no digits after the colon",
                "postgresql://u:p@h:/db",
                "u p h:5432 db",
            ),
            (
                "query",
                "postgresql://u:p@h/d?sslmode=require",
                "u p h:5432 d",
            ),
            (
                "encoded",
                "postgresql://u%40x:p%40ss%2F@h/my%20db",
                "u@x p@ss/ h:5432 my db",
            ),
            (
                "IPv6",
                "postgresql://u:p@[2001:db8::1]:6432/d",
                "u p [2001:db8::1]:6432 d",
            ),
            (
                "bare IPv6",
                "postgresql://u:p@2001:db8::1/d",
                "u p [2001:db8::1]:5432 d",
            ),
            (
                "several hosts",
                "postgresql://u:p@h1:5432,h2:6432/db?x=y",
                "u p h1:5432,h2:6432 db",
            ),
            (
                "several of IPv6",
                "postgresql://u:p@[::1]:1,[::2]/db",
                "u p [::1]:1,[::2]:5432 db",
            ),
            (
                "several connect strings",
                "postgresql://u:p@h1:5432/db,postgresql://u:p@h2:5432/db",
                "u p h1:5432,h2:5432 db",
            ),
            (
                "comma at the end",
                "postgresql://u:p@h/db,",
                "u p h:5432 db",
            ),
            ("blanks around", " postgresql://h/db ", "- - h:5432 db "),
        ],
    );
    check(
        Kind::MySql,
        &[
            ("plain", "mysql://u:p@my-primary/d", "u p my-primary:3306 d"),
            ("MariaDB", "mariadb://h", "- - h:3306 -"),
        ],
    );
    check(
        Kind::MongoDb,
        &[
            (
                "hosts without ports",
                "mongodb://a,b,c/db",
                "- - a:27017,b:27017,c:27017 db",
            ),
            (
                "hosts with ports",
                "mongodb://u:w@a:1,b:2/db?replicaSet=rs0",
                "u w a:1,b:2 db",
            ),
            (
                "records",
                "mongodb+srv://u:w@c.example/db?w=1",
                "u w c.example db",
            ),
            ("no path", "mongodb://h?replicaSet=a", "- - h:27017 -"),
        ],
    );
    check(
        Kind::Redis,
        &[
            ("plain", "redis://r:6380", "- - r:6380 -"),
            ("database", "rediss://:p@r/3", "- p r:6379 3"),
            (
                "socket",
                "unix:///run/redis.sock?db=2",
                "- - /run/redis.sock 2",
            ),
            ("its other scheme", "redis+unix:///run/r", "- - /run/r -"),
        ],
    );
    check(
        Kind::RabbitMq,
        &[
            (
                "root as virtual host",
                "amqp://u:p@h:5672/%2F",
                "u p h:5672 /",
            ),
            ("with TLS", "amqps://h/v", "- - h:5671 v"),
        ],
    );
}

#[test]
fn passwords_may_hold_anything() {
    let passwords = [
        "a@b:c",
        "a[b",
        "p@s:s/w#rd?&%41é",
        "p/w@1#",
        "12/q",
        "12#q",
        "p?q",
        "12?q",
        "p@q",
        "a/b",
        "#",
        "?",
        "/",
        "@",
        "://",
        "a=b?c=d",
        "x@host/y?z=1",
        "x@host:1/y?z=",
        "a,b",
        "a,postgres",
        "12,mysql://x",
        "12,mysql://x:y",
        "u@h:1/d",
        "[::1]",
        "]",
        "[",
        "a b",
        "&=&",
        "x@y/z?a=b&c",
        "é",
        "%zz%",
    ];
    for password in passwords {
        let text = format!("mysql://u:{password}@h:1/db?sslmode=require");
        let expected = format!("u {password} h:1 db");
        assert_eq!(show(Kind::MySql, &text), expected, "{text}");
        let text = format!("mysql://u:{password}@h1,h2");
        let expected = format!("u {password} h1:3306,h2:3306 -");
        assert_eq!(show(Kind::MySql, &text), expected, "{text}");
    }
}

#[test]
fn parameters_are_read() {
    check(
        Kind::PostgreSql,
        &[
            ("socket", "postgresql:///db?host=/run/pg", "- - /run/pg db"),
            (
                "encoded socket",
                "postgresql://%2Frun%2Fpg/db",
                "- - /run/pg db",
            ),
            (
                "hosts",
                "postgresql:///db?host=a,b&port=1",
                "- - a:1,b:1 db",
            ),
            (
                "user and password",
                "postgresql://h/d?user=u@x&password=p@w",
                "u@x p@w h:5432 d",
            ),
            (
                "at sign",
                "postgresql://u:p@h/d?application_name=me@box",
                "u p h:5432 d",
            ),
            (
                "at sign in the second",
                "postgresql://u:p@h/d?a=b&user=c@d",
                "u p h:5432 d",
            ),
        ],
    );
    check(
        Kind::MySql,
        &[(
            "socket",
            "mysql://u:p@/d?socket=/run/mysqld.sock",
            "u p /run/mysqld.sock d",
        )],
    );
    let text = "postgresql://h/d?sslmode=require&empty=&options=-c%20a%3Db&sslmode=disable";
    let read = read(Kind::PostgreSql, text).unwrap();
    assert_eq!(read.parameter("sslmode"), Some("require"));
    assert_eq!(read.parameter("options"), Some("-c a=b"));
    assert_eq!(read.parameter("empty"), None);
    assert_eq!(read.parameter("other"), None);
}

#[test]
fn says_what_it_could_not_read() {
    let none = "problem: what stands in the place of the host is none";
    let port = "problem: what stands in the place of the port is not a number from 1 to 65535";
    let scheme = "problem: it does not begin with postgresql:// or postgres://";
    check(
        Kind::PostgreSql,
        &[
            ("no scheme", "h:5432/db", scheme),
            ("scheme alone", "postgresql:", scheme),
            ("other scheme", "mysql://h/db", scheme),
            ("no scheme before the slashes", "://h", scheme),
            ("keywords", "host=h password=p", scheme),
            ("no host", "postgresql:///db", "problem: it names no host"),
            (
                "nothing but the scheme",
                "postgresql://",
                "problem: it names no host",
            ),
            (
                "no host after the user",
                "postgresql://u:p@/db",
                "problem: it names no host",
            ),
            (
                "only commas",
                "postgresql://,,/db",
                "problem: it names no host",
            ),
            ("port zero", "postgresql://u:p@h:0/db", port),
            ("port too large", "postgresql://u:p@h:65536/db", port),
            ("port is a word", "postgresql://u:p@h:x/db", port),
            ("user and password without a host", "postgresql://u:p", port),
            ("open bracket", "postgresql://u:p@[::1/db", none),
            ("blank in the host", "postgresql://u:p@a b/db", none),
            (
                "never a piece of the password",
                "postgresql://u:a@b/c@d e/db",
                none,
            ),
            ("bad port parameter", "postgresql:///d?host=h&port=x", port),
        ],
    );
    let long = format!("postgresql://{}", "a".repeat(MAX_CONNECT_STRING_BYTES));
    let problem = read(Kind::PostgreSql, &long);
    assert_eq!(problem, Err("it is longer than 16 KiB"));
    let hosts: Vec<_> = (0..65).map(|number| format!("h{number}")).collect();
    let many = format!("postgresql://{}", hosts.join(","));
    let many = read(Kind::PostgreSql, &many);
    assert_eq!(many, Err("it names more than 64 hosts"));
}

#[test]
fn debug_shows_no_secret() {
    let read = read(
        Kind::PostgreSql,
        "postgresql://u:s3cr3t@h/d?sslpassword=s3cr3t",
    )
    .unwrap();
    let shown = format!("{read:?}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    assert!(shown.contains("******"), "{shown}");
}

/// What takes long could hold up the start of an application.
#[test]
fn hostile_strings_cost_little() {
    for piece in [
        "?",
        "@",
        "?@",
        "?user=@",
        ",mysql://",
        ",",
        ":",
        "[",
        "/",
        "%",
    ] {
        let text = format!("mysql://{}", piece.repeat(1600));
        let text = &text[..text.len().min(MAX_CONNECT_STRING_BYTES)];
        drop(read(Kind::MySql, text));
    }
}
