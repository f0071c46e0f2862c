//! Strings on which the platform's own splitter and encoder were tried: what ours makes of them.

use health_checks::platform::{Environment, Host};

/// The hosts with their ports, the user and the database; or that it is a problem.
fn read(variable: &str, text: &str) -> String {
    let environment = Environment::from_pairs([(variable, text)]);
    match (environment.integrations(), environment.problems()) {
        ([found], []) => {
            let hosts: Vec<String> = found.hosts().iter().map(Host::to_string).collect();
            let user = found.user().unwrap_or("-");
            let database = found.database().unwrap_or("-");
            format!("{} {user} {database}", hosts.join(","))
        }
        ([], [problem]) => {
            assert_eq!(problem.variable(), variable);
            "problem".to_owned()
        }
        ([], []) => "absent".to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn connect_strings_are_read_for_what_they_mean() {
    let cases = [
        ("postgresql://h", "h:5432 - -"),
        ("postgresql:///db", "problem"),
        ("postgresql://u@h/db", "h:5432 u db"),
        ("postgresql://u:@h/db", "h:5432 u db"),
        ("postgresql://:p@h/db", "h:5432 - db"),
        ("postgresql://u:p@H.Example:5432/Db", "h.example:5432 u Db"),
        ("postgresql://u:p@h:0/db", "problem"),
        ("postgresql://u:p@h:/db", "h:5432 u db"),
        ("postgresql://u:p@h//db", "h:5432 u /db"),
        ("mysql://u:p?q@h/db", "h:3306 u db"),
        ("mysql://u:p/q@h/db", "h:3306 u db"),
        ("mysql://u:p@q@h/db", "h:3306 u db"),
        // The platform's splitter takes the user for the host here, and says nothing.
        ("mysql://u:12/q@h/db", "h:3306 u db"),
        ("mysql://u:12#q@h/db", "h:3306 u db"),
        ("h:5432/db", "problem"),
        ("", "absent"),
        ("mongodb://a,b,c/db", "a:27017,b:27017,c:27017 - db"),
    ];
    for (text, expected) in cases {
        let variable = match text.split_once("://") {
            Some(("mysql", _)) => "MYSQL_DB_CONNECT_STRING",
            Some(("mongodb", _)) => "MONGODB_DB_CONNECT_STRING",
            _ => "POSTGRESQL_DB_CONNECT_STRING",
        };
        assert_eq!(read(variable, text), expected, "{text:?}");
    }
}

#[test]
fn options_have_the_types_that_the_operator_gave_them() {
    let option = |value: &str| {
        let environment = Environment::from_pairs([("APP_PORT", "1"), ("APP_VALUE", value)]);
        environment.option("value").cloned()
    };
    assert!(option("").is_none());
    let value = |text: &str| option(text).unwrap();
    for text in ["s", "true", "é", "{\"k\": \"\\u00e9\"}"] {
        assert_eq!(value(text).text().expose(), text);
    }
    assert_eq!(value("true").bool(), Ok(true));
    assert_eq!(value("false").bool(), Ok(false));
    for (text, number) in [("0", 0), ("-1", -1), ("1000000000000", 1_000_000_000_000)] {
        assert_eq!(value(text).int(), Ok(number));
    }
    for (text, number) in [("0.5", 0.5), ("1.0", 1.0), ("1e-07", 1e-7)] {
        assert_eq!(value(text).float(), Ok(number));
    }
    assert!(value("s").int().is_err());
}
