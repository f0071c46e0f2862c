//! The command line.

use std::{fmt::Display, net::SocketAddr, path::PathBuf, str::FromStr};

use conformance::Framework;

/// What is shown on request and after a mistake.
pub(crate) const HELP: &str = "\
usage: conformance --framework axum|actix|rocket|core --fixture FILE.json
                   [--listen ADDRESS:PORT] [--management-listen ADDRESS:PORT]

  --framework          what serves; core is hyper alone
  --fixture            the file that says what the application is like
  --listen             default 127.0.0.1:0, a free port
  --management-listen  serves the management endpoints there too, and nothing else";

/// Where the application listens unless something else is said: on a free port.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(
    std::net::Ipv4Addr::LOCALHOST,
    0,
));

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) framework: Framework,
    pub(crate) fixture: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) management_listen: Option<SocketAddr>,
}

/// Reads the arguments after the program's name; nothing is returned where only help is asked for.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = String>,
) -> Result<Option<Arguments>, String> {
    let mut arguments = arguments.into_iter();
    let mut framework = None;
    let mut fixture = None;
    let mut listen = None;
    let mut management_listen = None;
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument}: the value is missing"))
        };
        match argument.as_str() {
            "--help" | "-h" => return Ok(None),
            "--framework" => framework = Some(read(&argument, &value()?)?),
            "--fixture" => fixture = Some(PathBuf::from(value()?)),
            "--listen" => listen = Some(read(&argument, &value()?)?),
            "--management-listen" => management_listen = Some(read(&argument, &value()?)?),
            _ => return Err(format!("unknown argument `{argument}`")),
        }
    }
    Ok(Some(Arguments {
        framework: framework.ok_or("--framework is missing")?,
        fixture: fixture.ok_or("--fixture is missing")?,
        listen: listen.unwrap_or(DEFAULT_LISTEN),
        management_listen,
    }))
}

fn read<T: FromStr<Err: Display>>(argument: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|error| format!("{argument} `{value}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Option<Arguments>, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let arguments = parsed("--framework core --fixture a.json")
            .unwrap()
            .unwrap();
        assert_eq!(arguments.listen.to_string(), "127.0.0.1:0");
        assert_eq!(arguments.management_listen, None);
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("nothing", "", "--framework is missing"),
            ("no fixture", "--framework core", "--fixture is missing"),
            (
                "unknown framework",
                "--framework warp",
                "unknown framework `warp`",
            ),
            ("no port", "--listen 127.0.0.1", "--listen `127.0.0.1`: "),
            ("no value", "--fixture", "--fixture: the value is missing"),
            ("unknown", "--verbose", "unknown argument `--verbose`"),
        ];
        for (name, line, expected) in cases {
            let error = parsed(line).unwrap_err();
            assert!(error.contains(expected), "{name}: {error}");
        }
        assert_eq!(parsed("--framework core --help"), Ok(None));
    }
}
