//! Variables that hold connect strings, and the parts beside them.

use super::{
    ConnectString, Ignored, Integration, Kind, Service, connect_string::Dialect, rabbitmq,
    reading::Reading, valkey,
};

const SUFFIX: &str = "_CONNECT_STRING";

/// What the platform gives beside a connect string. They are made by a splitter that takes pieces
/// of some passwords for hosts and ports, so only their names are looked at.
const PARTS: [&str; 13] = [
    "SCHEME",
    "NETLOC",
    "PATH",
    "PARAMS",
    "QUERY",
    "FRAGMENT",
    "USERNAME",
    "PASSWORD",
    "HOSTNAME",
    "PORT",
    "NAME",
    "VHOST",
    "CONNECT_STRINGS",
];

/// Reads all connect strings. The variable of the one integration of a kind that platforms give is
/// `POSTGRESQL_DB_CONNECT_STRING`; with another word in front or in between, such as
/// `REPORTS_POSTGRESQL_DB_CONNECT_STRING`, it is a further one of that name.
pub(super) fn read(reading: &mut Reading<'_>, app_prefix: &str, found: &mut Vec<Integration>) {
    let variables = reading.variables;
    for variable in variables.names().filter(|name| name.ends_with(SUFFIX)) {
        if !app_prefix.is_empty() && variable.starts_with(app_prefix) {
            continue;
        }
        let stem = &variable[..variable.len() - SUFFIX.len()];
        let Some((kind, name)) = kind_and_name(stem) else {
            reading.mark_used(variable);
            let reason = "it names no kind of service that is known";
            reading.ignored.push(Ignored::new(variable, reason));
            continue;
        };
        for part in PARTS {
            reading.mark_used(&format!("{stem}_{part}"));
        }
        if let Some(connect) = connect_string(reading, variable, kind) {
            let service = match kind {
                Kind::PostgreSql => Service::PostgreSql(connect),
                Kind::MySql => Service::MySql(connect),
                Kind::MongoDb => Service::MongoDb(connect),
                Kind::Redis => Service::Redis(connect),
                Kind::Valkey => Service::Valkey(valkey::read(reading, stem, connect)),
                _ => Service::RabbitMq(rabbitmq::read(reading, stem, connect)),
            };
            found.push(Integration::new(name, variable, service));
        }
    }
    if let Some(integration) = rabbitmq::read_brokers_alone(reading) {
        found.push(integration);
    }
}

pub(super) fn connect_string(
    reading: &mut Reading<'_>,
    variable: &str,
    kind: Kind,
) -> Option<ConnectString> {
    let text = reading.text(variable)?;
    match ConnectString::read(text, Dialect::of(kind)?) {
        Ok(connect) => Some(connect),
        Err(reason) => {
            reading.problem(variable, reason);
            None
        }
    }
}

/// Takes the kind, and `DB` after it, out of the words of a variable; the rest is the name.
pub(super) fn kind_and_name(stem: &str) -> Option<(Kind, Option<String>)> {
    let mut words: Vec<&str> = stem.split('_').collect();
    let of_word =
        |word: &str| Kind::of_name(&word.to_lowercase()).filter(|k| Dialect::of(*k).is_some());
    let (at, kind) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| of_word(word).map(|kind| (at, kind)))?;
    words.remove(at);
    if let Some(db) = words.iter().skip(at).position(|word| *word == "DB") {
        words.remove(at + db);
    }
    let name = words.join("_").trim_matches('_').to_lowercase();
    Some((kind, Some(name).filter(|name| !name.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_variable() {
        let cases = [
            ("POSTGRESQL_DB", Some((Kind::PostgreSql, None))),
            ("RABBITMQ", Some((Kind::RabbitMq, None))),
            (
                "REPORTS_POSTGRESQL_DB",
                Some((Kind::PostgreSql, Some("reports"))),
            ),
            (
                "POSTGRESQL_REPORTS_DB",
                Some((Kind::PostgreSql, Some("reports"))),
            ),
            (
                "REDIS_DB_SESSION_CACHE",
                Some((Kind::Redis, Some("session_cache"))),
            ),
            ("MY-CACHE_VALKEY_DB", Some((Kind::Valkey, Some("my-cache")))),
            ("X_DB", None),
            ("SMTP", None),
            ("", None),
        ];
        for (stem, expected) in cases {
            let expected = expected.map(|(kind, name)| (kind, name.map(str::to_owned)));
            assert_eq!(kind_and_name(stem), expected, "{stem}");
        }
    }
}
