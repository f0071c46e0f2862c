//! The operator's configuration options.

use std::{collections::BTreeMap, fmt, str::FromStr};

use health_core::{MASK, RedactedUrl, Secret, is_secret_name};
use serde_json::{Number, Value, json};

use super::Problem;

/// Holds one option's text and what it can be read as.
///
/// # Security
/// Any option can hold a secret, so `Debug` shows the mask; [`OptionValue::shown`] decides by name
/// and look what may be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct OptionValue {
    variable: String,
    text: Secret<String>,
    is_secret: bool,
}

impl OptionValue {
    pub(super) fn new(variable: &str, text: &str, is_secret: bool) -> Self {
        Self {
            variable: variable.to_owned(),
            text: Secret::new(text.to_owned()),
            is_secret: is_secret || has_secret_name(variable) || looks_secret(text),
        }
    }

    /// Returns the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Returns the text as it is.
    pub fn text(&self) -> &Secret<String> {
        &self.text
    }

    /// Reads an option that stands for a value of the application's own.
    ///
    /// # Errors
    /// Fails for a text that `T` does not take.
    pub fn parse<T: FromStr>(&self) -> Result<T, Problem> {
        self.parsed("it is none of the values that it can have")
    }

    /// Reads an option of the type `int`.
    ///
    /// # Errors
    /// Fails for a text that is no whole number of 64 bits.
    pub fn int(&self) -> Result<i64, Problem> {
        self.parsed("it is not a whole number")
    }

    /// Reads an option of the type `float`.
    ///
    /// # Errors
    /// Fails for a text that is no finite number.
    pub fn float(&self) -> Result<f64, Problem> {
        let reason = "it is not a number";
        let number: f64 = self.parsed(reason)?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(Problem::new(&self.variable, reason))
        }
    }

    /// Reads an option of the type `boolean`: `true`, `false`, `True` or `False`.
    ///
    /// # Errors
    /// Fails for any other text.
    pub fn bool(&self) -> Result<bool, Problem> {
        match self.text.expose().as_str() {
            "true" | "True" => Ok(true),
            "false" | "False" => Ok(false),
            _ => Err(Problem::new(
                &self.variable,
                "it is neither `true` nor `false`",
            )),
        }
    }

    /// Returns what may be shown: a number or a truth value as such, another text as it is or
    /// without its secrets, and the mask for what can be a secret.
    pub fn shown(&self) -> Value {
        let text = self.text.expose();
        if self.is_secret {
            return MASK.into();
        }
        if let Ok(bool) = self.bool() {
            return bool.into();
        }
        // As the platform writes numbers: the version 1.10 is a text, and so is the revision 1e5.
        let is_written_so = |number: &Number| {
            number.to_string() == *text || text.contains("e-") || text.contains("e+")
        };
        match serde_json::from_str(text) {
            Ok(Value::Number(number)) if is_written_so(&number) => number.into(),
            _ if text.contains("://") => RedactedUrl::new(text.as_str()).into(),
            _ => json!(text),
        }
    }

    fn parsed<T: FromStr>(&self, reason: &'static str) -> Result<T, Problem> {
        let parsed = self.text.expose().parse();
        parsed.map_err(|_| Problem::new(&self.variable, reason))
    }
}

impl fmt::Debug for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={MASK}", self.variable)
    }
}

/// Options by the name that operators use: `FLASK_MAX_ITEMS` is `max-items`.
pub(super) type Options = BTreeMap<String, OptionValue>;

/// Brings a name into the form that operators use; variables do not tell `_` from `-`.
pub(super) fn normal(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// Words that make the name of an option secret wherever they occur, besides those that do anywhere:
/// nobody needs a doubtful option on `/info`.
const SECRET_WORDS: [&str; 10] = [
    "auth", "cert", "cred", "dsn", "key", "pass", "private", "salt", "session", "sig",
];

fn has_secret_name(name: &str) -> bool {
    let name = normal(name);
    is_secret_name(&name) || SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The longest text that is shown, in bytes.
const MAX_SHOWN_BYTES: usize = 1024;

/// The longest unbroken word of letters and digits that is not taken for a secret, in characters.
const MAX_PLAIN_WORD: usize = 19;

/// Tells whether a text looks like a secret, or like something that has one in it.
fn looks_secret(text: &str) -> bool {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || "+=_".contains(c);
    let is_random =
        |word: &str| word.len() > MAX_PLAIN_WORD && word.bytes().any(|byte| byte.is_ascii_digit());
    let is_url = text.split_once("://").is_some_and(|(scheme, rest)| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        scheme.chars().all(is_plain) && !rest.contains(['@', '?', '#', '='])
    });
    text.len() > MAX_SHOWN_BYTES
        || text.split(|c: char| !is_of_word(c)).any(is_random)
        || text.contains(['@', '=', '{', '\n', '\r', '\0'])
        || text.contains("://") && !is_url
        || text.contains("BEGIN ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, text: &str) -> Value {
        OptionValue::new(name, text, false).shown()
    }

    #[test]
    fn shows_what_is_no_secret() {
        let cases = [
            ("int", "APP_MAX_ITEMS", "42", json!(42)),
            ("negative", "APP_X", "-1", json!(-1)),
            ("float", "APP_RATIO", "0.5", json!(0.5)),
            ("small", "APP_RATIO", "1e-07", json!(1e-7)),
            ("bool", "APP_VERBOSE", "true", json!(true)),
            ("string", "APP_WITH_DEFAULT", "dflt", json!("dflt")),
            ("sentence", "APP_TITLE", "a \"b\" ünï", json!("a \"b\" ünï")),
            (
                "address",
                "APP_BACKEND",
                "http://h:1/x",
                json!("http://h:1/x"),
            ),
            ("name", "APP_API_TOKEN", "abc", json!(MASK)),
            ("key of a secret", "APP_API_KEY_N", "1", json!(MASK)),
            (
                "user in address",
                "APP_BACKEND",
                "http://u:p@h/",
                json!(MASK),
            ),
            ("keywords", "APP_BACKEND", "host=h x=p", json!(MASK)),
            ("random", "APP_X", "ghp0123456789abcdefghij", json!(MASK)),
            ("blank and digit", "APP_X", " 5", json!(" 5")),
            ("large", "APP_X", "1e+22", json!(1e22)),
            ("version", "APP_RELEASE", "1.10", json!("1.10")),
            ("revision", "APP_RELEASE", "1e5", json!("1e5")),
            (
                "long",
                "APP_X",
                &"a b ".repeat(MAX_SHOWN_BYTES / 4),
                json!("a b ".repeat(MAX_SHOWN_BYTES / 4)),
            ),
            (
                "too long",
                "APP_X",
                &"a b, ".repeat(MAX_SHOWN_BYTES / 4),
                json!(MASK),
            ),
            ("private", "APP_PRIVATE", "x", json!(MASK)),
            ("PEM", "APP_X", "-----BEGIN A-----", json!(MASK)),
            ("object", "APP_X", "{\"a\": 1}", json!(MASK)),
        ];
        for (case, name, text, expected) in cases {
            assert_eq!(shown(name, text), expected, "{case}");
        }
    }

    #[test]
    fn types_are_read_by_request() {
        let value = |text| OptionValue::new("APP_X", text, false);
        assert_eq!(value("1000000000000").int(), Ok(1_000_000_000_000));
        assert_eq!(value("1e-07").float(), Ok(1e-7));
        assert_eq!(value("1").float(), Ok(1.0));
        assert_eq!(value("True").bool(), Ok(true));
        assert_eq!(value("false").bool(), Ok(false));
        for text in ["s3cr3t", "", "1.0", "99999999999999999999"] {
            let problem = value(text).int().map_err(|problem| problem.to_string());
            assert_eq!(problem, Err("APP_X: it is not a whole number".to_owned()));
        }
        for text in ["NaN", "inf", "x"] {
            assert!(value(text).float().is_err(), "{text}");
        }
        assert!(value("yes").bool().is_err());
        assert_eq!(value("7").parse(), Ok(7_u8));
        let problem = value("256").parse::<u8>().map_err(|p| p.to_string());
        let reason = "APP_X: it is none of the values that it can have";
        assert_eq!(problem, Err(reason.to_owned()));
        assert_eq!(format!("{:?}", value("s3cr3t")), "APP_X=******");
    }
}
