//! The health of one component at one moment.

use std::{collections::BTreeMap, error::Error, fmt};

use serde_json::Value;

use crate::{CheckError, Details, Status};

/// Holds the status of one component, and why: its details, or the components that it consists of.
///
/// ```
/// use health_core::{Health, Status};
///
/// let health = Health::up().detail("database", "PostgreSQL").detail("connections", 3);
/// assert_eq!(*health.status(), Status::UP);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a health says nothing until it is returned from a check"]
pub struct Health {
    pub(crate) status: Status,
    pub(crate) description: Option<String>,
    pub(crate) details: Details,
    pub(crate) components: BTreeMap<String, Health>,
    pub(crate) via: Vec<String>,
}

impl Health {
    /// Makes a health of a status.
    pub fn new(status: impl Into<Status>) -> Self {
        Self {
            status: status.into(),
            description: None,
            details: Details::default(),
            components: BTreeMap::new(),
            via: Vec::new(),
        }
    }

    /// Makes a health that is UP.
    pub fn up() -> Self {
        Self::new(Status::UP)
    }

    /// Makes a health that is DOWN.
    pub fn down() -> Self {
        Self::new(Status::DOWN)
    }

    /// Makes a health that is OUT_OF_SERVICE.
    pub fn out_of_service() -> Self {
        Self::new(Status::OUT_OF_SERVICE)
    }

    /// Makes a health that is UNKNOWN.
    pub fn unknown() -> Self {
        Self::new(Status::UNKNOWN)
    }

    /// Adds a detail; `null` adds nothing.
    ///
    /// # Security
    /// Wrap what must not be seen in [`Secret`](crate::Secret) or
    /// [`RedactedUrl`](crate::RedactedUrl).
    pub fn detail(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.details.insert(name, value);
        self
    }

    /// Adds the detail `error`: the error and its causes, separated by colons.
    pub fn error(self, error: impl Into<CheckError>) -> Self {
        self.detail("error", error.into().to_string())
    }

    /// Describes the status in a few words.
    ///
    /// # Security
    /// A description is part of the status: whoever sees the status sees it, even where details
    /// are hidden.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    /// Adds a component that was found while checking, such as one member of a cluster.
    ///
    /// The status stays the one that was set: say what the components mean for the whole.
    /// A group that selects some of the components aggregates those.
    pub fn component(mut self, name: impl Into<String>, health: Self) -> Self {
        self.components.insert(name.into(), health);
        self
    }

    /// Names the applications whose answers this health rests on, so that none of them is told its
    /// own answer as news. Checks of service dependencies use it.
    pub fn via(mut self, applications: impl IntoIterator<Item = String>) -> Self {
        self.via.extend(applications);
        self
    }

    /// Returns the status.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Returns the details.
    pub fn details(&self) -> &Details {
        &self.details
    }

    /// Returns the components that were found while checking, by name.
    pub fn components(&self) -> &BTreeMap<String, Self> {
        &self.components
    }

    /// Returns why this is not UP, where one line has to say it.
    pub(crate) fn reason(&self) -> Option<&str> {
        let error = self.details.get("error").and_then(Value::as_str);
        error.or(self.description.as_deref())
    }

    pub(crate) fn size_bytes(&self) -> usize {
        let components = self.components.iter();
        let below: usize = components
            .map(|(name, health)| name.len() + 4 + health.size_bytes())
            .sum();
        let description = self.description.as_ref().map_or(0, String::len);
        description + self.details.size_bytes() + below + 32
    }
}

/// Turns what a check returns into its health: a `bool`, a `Result`, `()` or a [`Health`].
///
/// `true`, `()` and `Ok` are UP; `false` is DOWN; an error is DOWN with the detail `error`.
pub trait IntoHealth {
    /// Converts.
    ///
    /// # Errors
    /// Returns the error of a failed check, which the engine turns into DOWN.
    fn into_health(self) -> Result<Health, CheckError>;
}

impl IntoHealth for Health {
    fn into_health(self) -> Result<Health, CheckError> {
        Ok(self)
    }
}

impl IntoHealth for bool {
    fn into_health(self) -> Result<Health, CheckError> {
        Ok(if self { Health::up() } else { Health::down() })
    }
}

impl IntoHealth for () {
    fn into_health(self) -> Result<Health, CheckError> {
        Ok(Health::up())
    }
}

impl<T: IntoHealth, E: Into<CheckError>> IntoHealth for Result<T, E> {
    fn into_health(self) -> Result<Health, CheckError> {
        self.map_err(Into::into)?.into_health()
    }
}

/// How many causes of an error are told: one that is its own cause has no end of them.
const MAX_CAUSES: usize = 32;

/// Writes an error and its causes in one line, without saying anything twice.
pub(crate) fn write_chain(
    error: &(dyn Error + 'static),
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut said = error.to_string();
    f.write_str(&said)?;
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    for cause in causes.take(MAX_CAUSES) {
        let text = cause.to_string();
        if !said.contains(&text) {
            write!(f, ": {text}")?;
            said = text;
        }
    }
    Ok(())
}
