//! Names of options, variables and parameters whose values are secrets.

/// Parts that make a name secret wherever they occur in it.
const ANYWHERE: [&str; 28] = [
    "accesskey",
    "apikey",
    "authcode",
    "authenticat",
    "authoriz",
    "authoris",
    "bearer",
    "connectionstring",
    "connectstring",
    "cookie",
    "credential",
    "jwt",
    "keydata",
    "keymaterial",
    "keypem",
    "netloc",
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
const AT_END: [&str; 6] = ["auth", "key", "keys", "pass", "pw", "sig"];

/// Whole words that make a name secret.
const AS_WORD: [&str; 10] = [
    "auth", "cred", "creds", "otp", "pin", "psk", "salt", "sas", "sig", "sign",
];

/// Tells whether what goes by this name is a secret, or holds one.
///
/// Case, hyphens, underscores and dots do not matter: `--db-password`, `DB_PASSWORD`,
/// `db.password` and `dbPassword` are one name; nor does a number at the end. In doubt a name is
/// secret; `author`, `keyspace`, `key-file` and `signal` are none.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let squeezed = words.concat();
    let unnumbered = without_number(&squeezed);
    ANYWHERE.iter().any(|part| squeezed.contains(part))
        || AT_END.iter().any(|part| unnumbered.ends_with(part))
        || words
            .iter()
            .any(|word| AS_WORD.contains(&without_number(word)))
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Splits a name at all that is no letter or digit, and before capitals within a word.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let is_of_word = c.is_ascii_alphanumeric();
        if !is_of_word || was_small && c.is_ascii_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| is_of_word) {
            word.push(c.to_ascii_lowercase());
        }
        was_small = c.is_ascii_lowercase();
    }
    words
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
            "key1",
            "DB_PASS_2",
            "userAuth",
            "authSource",
            "userauth",
            "apiSig",
            "urlsig",
            "sign",
            "client-key-data",
            "POSTGRESQL_DB_CONNECT_STRING",
            "ConnectionString",
            "REDIS_DB_NETLOC",
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
            "--tls-key-file",
            "design",
            "signedHeaders",
            "authsource",
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
