//! Migration by a program.

use std::{env, fmt, path::Path};

use health_core::{RedactedUrl, Secret, Status, is_secret_name};
use serde_json::Value;
use tokio::time::Instant;

use crate::{Command, SettingError};

/// Variables of the shell whose names look secret; the folder stands in many lines of an output.
const PLAIN: [&str; 2] = ["PWD", "OLDPWD"];

/// Shorter values are not hidden: they stand in all kinds of words.
const SHORTEST_SECRET: usize = 4;

pub(super) struct Program(Command);

impl Program {
    pub(super) fn of(command: Command) -> Self {
        Self(command)
    }

    pub(super) fn in_folder(folder: &Path) -> Result<Self, SettingError> {
        let script = folder.join("migrate.sh");
        let program = folder.join("migrate");
        let command = if script.is_file() {
            Command::new("bash").args(["-eo", "pipefail"]).arg(script)
        } else if program.is_file() {
            Command::new(program)
        } else {
            return Err(SettingError::new(
                format!("folder `{}`", folder.display()),
                "there is neither `migrate` nor `migrate.sh`",
            ));
        };
        let command = command.current_dir(folder).memory_limit_bytes(None);
        Ok(Self(env::vars().fold(command, |command, (name, value)| {
            let secrets = secrets(&name, &value);
            let command = command.inherit_env(name);
            secrets.into_iter().fold(command, |command, secret| {
                command.redact(Secret::new(secret))
            })
        })))
    }

    pub(super) async fn run(&self, deadline: Instant) -> (Option<String>, Result<(), String>) {
        let time = deadline.saturating_duration_since(Instant::now());
        let health = self.0.run_for(time).await;
        let text = |name: &str| {
            let value = health.details().get(name).and_then(Value::as_str);
            value.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let output = [text("output"), text("stderr")];
        let output: Vec<String> = output.into_iter().flatten().collect();
        let result = match *health.status() == Status::UP {
            true => Ok(()),
            false => Err(text("error").unwrap_or_else(|| "it failed".to_owned())),
        };
        let output = (!output.is_empty()).then(|| output.join("\n"));
        (output, result)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns what is secret of a variable: its value, or the password that stands in it.
fn secrets(name: &str, value: &str) -> Vec<String> {
    let is_flag = ["true", "false"].contains(&value.to_lowercase().as_str());
    let is_secret = is_secret_name(name) && !PLAIN.contains(&name) && !is_flag;
    let whole = is_secret.then_some(value);
    let url = RedactedUrl::new(value);
    let secrets = url.expose_password().into_iter().chain(whole);
    secrets
        .filter(|secret| secret.len() >= SHORTEST_SECRET)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_of_a_variable_is_known_by_its_name_or_its_shape() {
        let cases: [(&str, &str, &[&str]); 14] = [
            ("HOME", "/home/me", &[]),
            ("SMTP_PASSWORD", "s3cret", &["s3cret"]),
            ("smtp_password", "s3cret", &["s3cret"]),
            ("SMTP_PASSWORD", "abc", &[]),
            (
                "POSTGRESQL_DB_CONNECT_STRING",
                "postgresql://u:p@s:s@h/d",
                &["p@s:s", "postgresql://u:p@s:s@h/d"],
            ),
            ("HTTP_PROXY", "http://u:s3cret@proxy:80", &["s3cret"]),
            ("SMTP_PASS", "s3cret", &["s3cret"]),
            ("DB_PW", "s3cret", &["s3cret"]),
            ("REDIS_DB_NETLOC", "u:s3cret@h", &["s3cret", "u:s3cret@h"]),
            ("GO_DSN", "u:s3cret@tcp(h)/d", &["s3cret"]),
            ("REGISTRY", "https://t0ken@h/", &["t0ken"]),
            ("PWD", "/srv/app", &[]),
            ("USE_OAUTH", "True", &[]),
            ("AUTHOR", "Jane", &[]),
        ];
        for (name, value, expected) in cases {
            assert_eq!(secrets(name, value), expected, "{name}={value}");
        }
    }
}
