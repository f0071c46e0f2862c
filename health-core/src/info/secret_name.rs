//! Names of options, variables and parameters whose values are secrets.

/// Parts that make a name secret wherever they occur in it.
const ANYWHERE: [&str; 21] = [
    "accesskey",
    "apikey",
    "authenticat",
    "authoriz",
    "authoris",
    "bearer",
    "cookie",
    "credential",
    "jwt",
    "oauth",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "sessionid",
    "sharedkey",
    "signature",
    "token",
];

/// Parts that make a name secret at its end. `bypass` and `monkey` are the price of `dbpass` and
/// `licensekey`.
const AT_END: [&str; 4] = ["key", "keys", "pass", "pw"];

/// Whole words that make a name secret.
const AS_WORD: [&str; 9] = [
    "auth", "cred", "creds", "otp", "pin", "psk", "salt", "sas", "sig",
];

/// Tells whether the value that goes by this name is to be hidden.
///
/// Case, hyphens, underscores and dots do not matter: `--db-password`, `DB_PASSWORD`,
/// `db.password` and `dbPassword` are one name. In doubt a name is secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let squeezed: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    ANYWHERE.iter().any(|part| squeezed.contains(part))
        || AT_END.iter().any(|part| squeezed.ends_with(part))
        || lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| AS_WORD.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_secret_names() {
        for name in [
            "password",
            "--password",
            "--db-password",
            "DB_PASSWORD",
            "spring.datasource.password",
            "dbPassword",
            "PGPASSWORD",
            "passwd",
            "--passwd",
            "pwd",
            "MYSQL_PWD",
            "pass",
            "dbpass",
            "SMTP_PASS",
            "--pw",
            "passphrase",
            "passcode",
            "secret",
            "client_secret",
            "clientSecret",
            "--secret-key",
            "TOKEN",
            "access_token",
            "--github-token",
            "refreshToken",
            "credential",
            "--credentials",
            "creds",
            "-Dapi.key",
            "apikey",
            "api-key",
            "API_KEY",
            "x-api-key",
            "private-key",
            "privateKey",
            "private_key_pem",
            "--key",
            "license-key",
            "licenseKey",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AccountKey",
            "SharedAccessKey",
            "auth",
            "--auth",
            "basic-auth",
            "Authorization",
            "Proxy-Authorization",
            "authentication",
            "--oauth-client",
            "bearer",
            "cookie",
            "sessionId",
            "jwt",
            "JWTSigning",
            "signature",
            "X-Amz-Signature",
            "sig",
            "sas",
            "psk",
            "otp",
            "--pin",
            "salt",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn leaves_other_names_alone() {
        for name in [
            "",
            "-",
            "--port",
            "host",
            "--user",
            "username",
            "--author",
            "authority",
            "--profile",
            "database",
            "--keyspace",
            "key-size",
            "--passive",
            "passes",
            "--compass-url",
            "--spin",
            "pinned",
            "signal",
            "--verbose",
            "path",
            "tls-cert",
            "--bind",
            "assign",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
