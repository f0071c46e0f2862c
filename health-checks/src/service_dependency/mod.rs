//! The service dependency: another application, asked at its management endpoint.

mod answer;
mod target;

use std::{fmt, sync::Arc};

use health_core::{Call, Check, CheckResult, Health, Scope, async_trait};
use reqwest::{
    Client, StatusCode,
    header::{ACCEPT, HeaderValue},
};

use self::target::Target;
pub use self::{
    answer::MAX_COMPONENT_DEPTH,
    target::{PREFERRED_SCHEME_VARIABLE, SCHEME_VARIABLE},
};
use crate::{
    SettingError, Tls,
    web::{Answer, Failure, HttpClient, Kind, Request},
};

/// The formats that are understood, the one with the clearest shape first.
const ACCEPTED: HeaderValue = HeaderValue::from_static(
    "application/vnd.spring-boot.actuator.v3+json, \
     application/vnd.spring-boot.actuator.v2+json;q=0.9, application/json;q=0.8",
);

/// Checks that another application is UP by its own management endpoint: one of health-core, Spring
/// Boot's actuator, or whatever answers alike.
///
/// Details: `url`, `error` unless UP, and what the other side tells.
///
/// UP only when the answer is 200 and its JSON holds the status `UP`. DOWN, OUT_OF_SERVICE and
/// custom codes are taken over as they came; UNKNOWN and everything else is DOWN. What the other
/// side tells of its components and details becomes the components and details of this one.
///
/// | given | asked for the health | asked in the group `readiness` |
/// |---|---|---|
/// | `https://user-service:9922/admin` | `https://user-service:9922/admin` | `https://user-service:9922/admin/readiness` |
/// | `widget-service` | `http://widget-service/z/health` | `http://widget-service/z/health/readiness` |
/// | `localhost:8000/admin` | `http://localhost:8000/admin` | `http://localhost:8000/admin/readiness` |
///
/// A group asks the other side for its group of the same name. Where it has none, the component is
/// DOWN and says so: readiness is not answered by another question than the one that was put.
///
/// Questions carry their trail, so that a circle of applications ends (see
/// [`Call`](health_core::Call)).
///
/// ```
/// use health_checks::ServiceDependency;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let users = ServiceDependency::new("users:9922")?;
/// let legacy = ServiceDependency::new("https://legacy.example/actuator/health")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServiceDependency {
    request: Request,
    target: Target,
    group: Option<String>,
}

impl ServiceDependency {
    /// Takes a URL, at which the health is asked, or `host[:port]`.
    ///
    /// Without a scheme it is that of the environment variable [`PREFERRED_SCHEME_VARIABLE`], else
    /// of [`SCHEME_VARIABLE`], else `http`; an empty variable counts as absent. Without a path it is
    /// that of [`ServiceDependency::base_path`]. Slashes at the end do not matter. User information
    /// in a URL is sent as basic authentication.
    ///
    /// # Errors
    /// Fails for another scheme, a query or a fragment, a missing host, a port that is none, and a
    /// variable that holds neither `http` nor `https`.
    pub fn new(address: impl AsRef<str>) -> Result<Self, SettingError> {
        let target = Target::parse(address.as_ref(), |name| std::env::var_os(name))?;
        let mut request = Request::get(target.url(None));
        request.headers.insert(ACCEPT, ACCEPTED);
        Ok(Self {
            request,
            target,
            group: None,
        })
    }

    /// Sets the base path of our own endpoints, below which those of the other side are looked for
    /// when only its host was given; default [`DEFAULT_BASE_PATH`](health_core::DEFAULT_BASE_PATH).
    #[must_use]
    pub fn base_path(mut self, path: impl AsRef<str>) -> Self {
        self.target.set_base_path(path.as_ref());
        self.request.url = self.target.url(self.group.as_deref());
        self
    }

    /// Sets a header, in the place of one with the same name.
    ///
    /// # Errors
    /// Fails for what cannot stand in a header.
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Result<Self, SettingError> {
        self.request.set_header(name, value.as_ref())?;
        Ok(self)
    }

    /// Sets whom to trust and with which certificate to come; default [`Tls::new`].
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.request.client.set_tls(tls);
        self
    }

    /// Sets how large an answer may be, in bytes, inclusive; default
    /// [`DEFAULT_BODY_LIMIT_BYTES`](crate::DEFAULT_BODY_LIMIT_BYTES). A larger one is DOWN.
    #[must_use]
    pub fn body_limit_bytes(mut self, bytes: usize) -> Self {
        self.request.body_limit_bytes = bytes;
        self
    }

    /// Asks with the application's own client, as in [`Http::client`](crate::Http::client).
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.request.client = HttpClient::Own(client);
        self
    }

    fn health(&self, answer: &Answer) -> Health {
        if !answer.is_whole {
            let limit_bytes = self.request.body_limit_bytes;
            let failure = Failure::new(&self.request.url, Kind::TooLarge { limit_bytes });
            return failed(failure);
        }
        let health = match answer::read(answer) {
            Ok(health) => health,
            Err(_) if answer.status == StatusCode::NOT_FOUND => failed(self.not_found()),
            Err(problem) => failed(problem),
        };
        Call::attribute(health, &answer.headers)
    }

    fn not_found(&self) -> String {
        match &self.group {
            Some(group) => format!(
                "answered 404, it has no group `{group}` at this URL: define it there, or leave \
                 this component out of the group `{group}` here"
            ),
            None => {
                "answered 404, there is no management endpoint at this URL: give its base path, \
                     or the whole URL of its health"
                    .to_owned()
            }
        }
    }
}

fn failed(reason: impl fmt::Display) -> Health {
    Health::down().detail("error", reason.to_string())
}

#[async_trait]
impl Check for ServiceDependency {
    async fn check(&self) -> CheckResult {
        let call = Call::current();
        let trail = call.iter().flat_map(Call::headers);
        let health = match self.request.send(trail).await {
            Ok(answer) => self.health(&answer),
            Err(failure) => failed(failure),
        };
        Ok(health.detail("url", self.request.shown_url()))
    }

    fn scope(&self) -> Scope {
        Scope::Application
    }

    fn for_group(&self, group: &str) -> Option<Arc<dyn Check>> {
        let mut asked = self.clone();
        asked.request.url = self.target.url(Some(group));
        asked.group = Some(group.to_owned());
        Some(Arc::new(asked))
    }
}

/// Shows the redacted URL.
impl fmt::Debug for ServiceDependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServiceDependency")
            .field(&self.request)
            .finish()
    }
}
