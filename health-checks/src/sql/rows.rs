//! Queries that are answered in text.

use serde_json::Value;

use crate::sql::Failure;

/// More rows are not read: one is expected, and a second one tells that it is wrong.
pub(crate) const MAX_ROWS: usize = 2;

/// The longest value that is shown, in characters.
const MAX_VALUE_CHARS: usize = 200;

/// The first rows of an answer; a value is `None` where it is NULL.
pub(crate) type Rows = Vec<Vec<Option<String>>>;

/// A connection that answers in text.
pub(crate) trait Session: Send {
    /// Sends statements, and returns the rows of all of them.
    fn ask(&mut self, sql: String) -> impl Future<Output = Result<Rows, Failure>> + Send;
}

/// Returns the one row that a query of ours has to return.
pub(crate) fn one_row<const N: usize>(rows: Rows) -> Result<[Option<String>; N], Failure> {
    let row = rows.into_iter().next().unwrap_or_default();
    row.try_into()
        .map_err(|_| Failure::down("the server answered with something else than was asked"))
}

/// Returns the one value that a validation query has to return, a number where it is one.
pub(crate) fn one_value(rows: Rows) -> Result<Value, Failure> {
    let value = match rows.as_slice() {
        [] => return Err(Failure::down("the query returned no row, expected one")),
        [row] => match row.as_slice() {
            [value] => value,
            row => {
                let columns = row.len();
                let reason = format!("the query returned {columns} columns, expected one");
                return Err(Failure::down(reason));
            }
        },
        _ => {
            return Err(Failure::down(
                "the query returned more than one row, expected one",
            ));
        }
    };
    let text = value
        .as_deref()
        .ok_or_else(|| Failure::down("the query returned NULL, expected a value"))?;
    Ok(match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Value::from(number),
        _ => Value::from(text.chars().take(MAX_VALUE_CHARS).collect::<String>()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[Option<&str>]) -> Vec<Option<String>> {
        values.iter().map(|v| v.map(str::to_owned)).collect()
    }

    #[test]
    fn a_validation_query_returns_exactly_one_value() {
        let long = "x".repeat(MAX_VALUE_CHARS + 1);
        let cases = [
            ("number", vec![row(&[Some("-3")])], Ok(Value::from(-3))),
            ("text", vec![row(&[Some("ok")])], Ok(Value::from("ok"))),
            ("code", vec![row(&[Some("007")])], Ok(Value::from("007"))),
            ("empty", vec![row(&[Some("")])], Ok(Value::from(""))),
            (
                "long",
                vec![row(&[Some(&long)])],
                Ok(Value::from("x".repeat(MAX_VALUE_CHARS))),
            ),
            ("no row", vec![], Err("no row")),
            ("NULL", vec![row(&[None])], Err("NULL")),
            ("no column", vec![row(&[])], Err("0 columns")),
            (
                "columns",
                vec![row(&[Some("1"), Some("2")])],
                Err("2 columns"),
            ),
            (
                "rows",
                vec![row(&[Some("1")]), row(&[Some("2")])],
                Err("more than one row"),
            ),
        ];
        for (name, rows, expected) in cases {
            match (one_value(rows), expected) {
                (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{name}"),
                (Err(failure), Err(part)) => {
                    assert!(failure.reason.contains(part), "{name}: {failure:?}");
                }
                (answer, expected) => panic!("{name}: {answer:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn an_answer_of_another_shape_is_a_failure() {
        for rows in [vec![], vec![row(&[Some("1")])], vec![row(&[None; 3])]] {
            assert!(one_row::<2>(rows).is_err());
        }
        assert_eq!(
            one_row::<2>(vec![row(&[Some("a"), None])]).unwrap(),
            [Some("a".to_owned()), None]
        );
    }
}
