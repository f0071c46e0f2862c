//! What `/version` answers.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
};

use http::StatusCode;

use crate::panic_text::panic_text;

/// The environment variable that holds the version when none is set.
pub const VERSION_VARIABLE: &str = "VERSION";

/// What `/version` answers when nothing else says it.
pub const UNKNOWN_VERSION: &str = "unknown";

/// Holds a version text, or the closure that gives one.
pub struct Version(pub(crate) Source);

pub(crate) enum Source {
    Fixed(String),
    Computed(Box<dyn Fn() -> Computed + Send + Sync>),
}

/// One answer; the error says why there is none, for the log and not for the public.
pub type VersionResult = Result<(StatusCode, String), String>;

type Computed = Pin<Box<dyn Future<Output = VersionResult> + Send>>;

impl Version {
    /// Reads the environment variable [`VERSION_VARIABLE`]; present but empty equals absent.
    pub(crate) fn from_environment() -> Self {
        let version = std::env::var(VERSION_VARIABLE).ok();
        let version = version.filter(|version| !version.is_empty());
        Self(Source::Fixed(
            version.unwrap_or_else(|| UNKNOWN_VERSION.to_owned()),
        ))
    }

    pub(crate) fn fixed(&self) -> Option<&str> {
        match &self.0 {
            Source::Fixed(version) if version != UNKNOWN_VERSION => Some(version),
            _ => None,
        }
    }

    fn computed<F>(make: F) -> Self
    where
        F: Fn() -> Computed + Send + Sync + 'static,
    {
        let guarded = move || {
            catch_unwind(AssertUnwindSafe(&make)).unwrap_or_else(|panic| {
                Box::pin(async move { Err(format!("panicked: {}", panic_text(panic.as_ref()))) })
            })
        };
        Self(Source::Computed(Box::new(guarded)))
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Version").field(&self.fixed()).finish()
    }
}

/// Turns a text or a closure, sync or async, into a [`Version`]. `Kind` is inferred.
pub trait IntoVersion<Kind> {
    /// Converts.
    fn into_version(self) -> Version;
}

/// Turns what a version closure returns into an answer: a text (200), a status code and a text, or
/// a `Result` of these, of which the error is a 500 that does not show its reason.
pub trait IntoVersionResult {
    /// Converts.
    ///
    /// # Errors
    /// The reason for which there is no version.
    fn into_version_result(self) -> VersionResult;
}

/// Marks plain texts.
#[derive(Debug)]
pub struct Text;
/// Marks closures that return at once.
#[derive(Debug)]
pub struct SyncClosure;
/// Marks closures that return a future.
#[derive(Debug)]
pub struct AsyncClosure;

impl<T: Into<String>> IntoVersion<Text> for T {
    fn into_version(self) -> Version {
        Version(Source::Fixed(self.into()))
    }
}

impl<F, R> IntoVersion<(SyncClosure, R)> for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: IntoVersionResult,
{
    fn into_version(self) -> Version {
        Version::computed(move || {
            let result = self().into_version_result();
            Box::pin(async move { result })
        })
    }
}

impl<F, Fut> IntoVersion<(AsyncClosure, Fut)> for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: IntoVersionResult,
{
    fn into_version(self) -> Version {
        Version::computed(move || {
            let future = self();
            Box::pin(async move { future.await.into_version_result() })
        })
    }
}

impl IntoVersionResult for String {
    fn into_version_result(self) -> VersionResult {
        Ok((StatusCode::OK, self))
    }
}

impl IntoVersionResult for &'static str {
    fn into_version_result(self) -> VersionResult {
        Ok((StatusCode::OK, self.to_owned()))
    }
}

impl<T: Into<String>> IntoVersionResult for (StatusCode, T) {
    fn into_version_result(self) -> VersionResult {
        Ok((self.0, self.1.into()))
    }
}

impl<T: IntoVersionResult, E: fmt::Display> IntoVersionResult for Result<T, E> {
    fn into_version_result(self) -> VersionResult {
        self.map_err(|error| error.to_string())?
            .into_version_result()
    }
}
