//! Conditions on what a JSONPath (RFC 9535) finds in the body.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{
    Http,
    condition::{Condition, NOTHING, Seen},
    json_is::{Count, JsonIs},
};
use crate::SettingError;

impl Http {
    /// Expects of what a JSONPath finds in the body that it is so.
    ///
    /// Source: RFC 9535, with its functions but `match` and `search`.
    ///
    /// # Errors
    /// Fails for what is no JSONPath, and for an order by what has none.
    ///
    /// ```
    /// use health_checks::{Http, JsonIs};
    ///
    /// # fn main() -> Result<(), health_checks::SettingError> {
    /// let check = Http::new("https://example.com/queues")?
    ///     .expect_json_path("$.broker.state", JsonIs::equal_to("running"))?
    ///     .expect_json_path("$.queues[*].length", JsonIs::less_than(100).for_all())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn expect_json_path(self, path: &str, is: JsonIs) -> Result<Self, SettingError> {
        let wrong = |problem| {
            let place = format!("JSONPath `{}`", path.escape_debug());
            SettingError::new(place, problem)
        };
        let parsed = JsonPath::parse(path)
            .map_err(|error| wrong(format!("it cannot be read: {}", error.message())))?;
        if !is.can_be() {
            return Err(wrong(
                "only numbers and texts have an order; compare with one of these".to_owned(),
            ));
        }
        Ok(self.expect(AtPath {
            text: path.to_owned(),
            path: parsed,
            is,
        }))
    }
}

struct AtPath {
    text: String,
    path: JsonPath,
    is: JsonIs,
}

impl Condition for AtPath {
    fn subject(&self) -> String {
        let which = match self.is.count {
            Count::One => "",
            Count::All => "all of ",
            Count::Any => "one of ",
        };
        format!("{which}`{}`", self.text)
    }

    fn expected(&self) -> String {
        self.is.to_string()
    }

    fn look(&self, seen: &Seen<'_>) -> Result<(), String> {
        let found = self.path.query(seen.json()?).all();
        let passes = |value: &&&Value| self.is.passes(value);
        let (passed, failed): (Vec<&Value>, Vec<&Value>) =
            found.iter().partition(|value| passes(value));
        let told = match (self.is.count, &*found) {
            (_, []) => return Err(NOTHING.to_owned()),
            (Count::One, [_]) | (Count::All, _) if failed.is_empty() => return Ok(()),
            (Count::Any, _) if !passed.is_empty() => return Ok(()),
            (Count::One, [_, _, ..]) => {
                let count = found.len();
                return Err(format!(
                    "{count} values, and neither all nor any was asked for"
                ));
            }
            _ => failed,
        };
        let told: Vec<String> = told.into_iter().map(Value::to_string).collect();
        Err(told.join(", "))
    }
}

#[cfg(test)]
#[path = "json_path_tests.rs"]
mod tests;
