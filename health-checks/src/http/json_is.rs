//! What a value of JSON has to be.

use std::{cmp::Ordering, fmt};

use serde_json::Value;

use super::json::{compare, equals};

/// Says what a value in the body has to be. Values of another type are not converted.
///
/// A path that finds nothing never passes. One that finds several values fails unless
/// [`JsonIs::for_all`] or [`JsonIs::for_any`] says which of them count.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "it does nothing until a check is given it"]
pub struct JsonIs {
    test: Test,
    pub(super) count: Count,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Present,
    Equal(Value),
    NotEqual(Value),
    Ordered { order: Order, than: Value },
    Type(JsonType),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Which of the values that are found have to be so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Count {
    One,
    All,
    Any,
}

/// The types of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the words of RFC 8259")]
pub enum JsonType {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl JsonIs {
    /// It is there, `null` included.
    pub fn present() -> Self {
        Self::one(Test::Present)
    }

    /// It equals this, as in [`Http::expect_json`](crate::Http::expect_json); an object has no other members.
    pub fn equal_to(value: impl Into<Value>) -> Self {
        Self::one(Test::Equal(value.into()))
    }

    /// It is there and does not equal this.
    pub fn not_equal_to(value: impl Into<Value>) -> Self {
        Self::one(Test::NotEqual(value.into()))
    }

    /// It is a number below this number, or a text before this text by its characters' codes, such
    /// as a time in ISO 8601.
    pub fn less_than(value: impl Into<Value>) -> Self {
        Self::ordered(Order::Less, value)
    }

    /// As [`JsonIs::less_than`], or equal.
    pub fn at_most(value: impl Into<Value>) -> Self {
        Self::ordered(Order::AtMost, value)
    }

    /// It is a number above this number, or a text after this text.
    pub fn greater_than(value: impl Into<Value>) -> Self {
        Self::ordered(Order::Greater, value)
    }

    /// As [`JsonIs::greater_than`], or equal.
    pub fn at_least(value: impl Into<Value>) -> Self {
        Self::ordered(Order::AtLeast, value)
    }

    /// It is of this type.
    pub fn of_type(kind: JsonType) -> Self {
        Self::one(Test::Type(kind))
    }

    /// All values that are found have to be so, and there has to be one.
    pub fn for_all(mut self) -> Self {
        self.count = Count::All;
        self
    }

    /// One of the values that are found has to be so.
    pub fn for_any(mut self) -> Self {
        self.count = Count::Any;
        self
    }

    /// Tells whether any value can pass.
    pub(super) fn can_be(&self) -> bool {
        match &self.test {
            Test::Ordered { than, .. } => than.is_number() || than.is_string(),
            _ => true,
        }
    }

    pub(super) fn passes(&self, found: &Value) -> bool {
        self.test.passes(found)
    }

    fn one(test: Test) -> Self {
        let count = Count::One;
        Self { test, count }
    }

    fn ordered(order: Order, than: impl Into<Value>) -> Self {
        let than = than.into();
        Self::one(Test::Ordered { order, than })
    }
}

impl Test {
    fn passes(&self, found: &Value) -> bool {
        match self {
            Self::Present => true,
            Self::Equal(value) => equals(found, value),
            Self::NotEqual(value) => !equals(found, value),
            Self::Ordered { order, than } => {
                let ordering = match (found, than) {
                    (Value::Number(found), Value::Number(than)) => compare(found, than),
                    (Value::String(found), Value::String(than)) => Some(found.cmp(than)),
                    _ => None,
                };
                ordering.is_some_and(|ordering| order.admits(ordering))
            }
            Self::Type(kind) => JsonType::of(found) == *kind,
        }
    }
}

impl Order {
    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

impl JsonType {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

/// Says what is expected, without saying of which values.
impl fmt::Display for JsonIs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.test {
            Test::Present => f.write_str("to be there"),
            Test::Equal(value) => write!(f, "to be {value}"),
            Test::NotEqual(value) => write!(f, "not to be {value}"),
            Test::Ordered { order, than } => {
                let words = match order {
                    Order::Less => "less than",
                    Order::AtMost => "at most",
                    Order::Greater => "greater than",
                    Order::AtLeast => "at least",
                };
                write!(f, "to be {words} {than}")
            }
            Test::Type(kind) => write!(f, "to be of the type {kind:?}"),
        }
    }
}
