//! The client of Spring Boot Admin: registers this application, keeps it registered, and takes it
//! off the list when it drains.

mod admin;
mod application;
mod registration;

use std::{collections::BTreeMap, fmt, time::Duration};

use health_core::{MAX_DURATION, Management, RedactedUrl, Secret};
use reqwest::Url;

pub use self::registration::Registration;
use self::{admin::Admin, application::Application};
use crate::SettingError;

/// How long after the start of one registration the next one is sent, unless
/// [`SpringBootAdmin::period`] says otherwise: the period of Spring's own client. Within it an
/// admin that was restarted, and by default forgets everything, knows the application again.
pub const DEFAULT_REGISTRATION_PERIOD: Duration = Duration::from_secs(10);

/// How long one exchange with an admin may take, with the connecting, unless
/// [`SpringBootAdmin::timeout`] says otherwise.
pub const DEFAULT_REGISTRATION_TIMEOUT: Duration = Duration::from_secs(5);

/// Registers this application at Spring Boot Admin, which then shows its status, components,
/// groups and info.
///
/// The admin asks by itself at the URLs that it is told, so [`SpringBootAdmin::service_url`] is the
/// address at which *it* reaches the application. What it shows is what the endpoints say to it:
///
/// - details only where [`show_details`](health_core::Builder::show_details) lets it see them;
/// - a version with `.info(|info| info.build_info(health_core::build_info!()))`;
/// - info and metrics unless the status of the whole is UNKNOWN or nobody answers;
/// - only endpoints that are there, unless a layer around them answers every `OPTIONS` with
///   success, as those for CORS may do.
///
/// ```no_run
/// use health_checks::SpringBootAdmin;
/// use health_core::Management;
///
/// # async fn run(management: Management) -> Result<(), Box<dyn std::error::Error>> {
/// let registration = SpringBootAdmin::new("http://admin:8080")?
///     .service_url("http://orders:8080")?
///     .tag("env", "prod")
///     .start(&management)?;
///
/// // Serve until a signal comes; `management.drain()` takes the application off the list.
/// # drop(registration);
/// # Ok(())
/// # }
/// ```
///
/// # Security
/// Redirects are not followed, so that no credentials go where nobody sent them. Passwords show in
/// no `Debug` and no log line.
///
/// Source: Spring Boot Admin 3, its client's `ClientProperties` and `ApplicationRegistrator`.
#[derive(Clone)]
#[must_use = "nothing is registered until `start` is called"]
pub struct SpringBootAdmin {
    admins: Vec<Url>,
    user: Option<(String, Secret<String>)>,
    is_at_all: bool,
    name: Option<String>,
    service_url: Option<String>,
    management_url: Option<String>,
    health_url: Option<String>,
    metadata: BTreeMap<String, Secret<String>>,
    period: Duration,
    timeout: Duration,
}

impl SpringBootAdmin {
    /// Takes the URL of the admin, such as `http://admin:8080`. User information in it is sent as
    /// basic authentication.
    ///
    /// # Errors
    /// Fails unless it is a URL with the scheme `http` or `https` and a host, without query and
    /// fragment.
    pub fn new(url: impl AsRef<str>) -> Result<Self, SettingError> {
        Ok(Self {
            admins: vec![admin::parse(url.as_ref())?],
            user: None,
            is_at_all: false,
            name: None,
            service_url: None,
            management_url: None,
            health_url: None,
            metadata: BTreeMap::new(),
            period: DEFAULT_REGISTRATION_PERIOD,
            timeout: DEFAULT_REGISTRATION_TIMEOUT,
        })
    }

    /// Adds a further admin. The application registers at the first one that works, in the order
    /// in which they were given, unless [`SpringBootAdmin::register_at_all`] is called.
    ///
    /// # Errors
    /// As [`SpringBootAdmin::new`].
    pub fn admin(mut self, url: impl AsRef<str>) -> Result<Self, SettingError> {
        self.admins.push(admin::parse(url.as_ref())?);
        Ok(self)
    }

    /// Registers at every admin, for those that do not share what they know; default: at one.
    pub fn register_at_all(mut self) -> Self {
        self.is_at_all = true;
        self
    }

    /// Sets the user for basic authentication at those admins whose URL names none.
    ///
    /// # Errors
    /// Fails for a name that holds a colon, which would end it.
    ///
    /// Source: RFC 7617 2.
    pub fn basic_auth(
        mut self,
        name: impl Into<String>,
        password: impl Into<Secret<String>>,
    ) -> Result<Self, SettingError> {
        let name = name.into();
        if name.contains(':') {
            let problem = "the name of a user holds no `:`";
            return Err(SettingError::new("user of Spring Boot Admin", problem));
        }
        self.user = Some((name, password.into()));
        Ok(self)
    }

    /// Sets the name under which the application is shown, with all its instances; default
    /// [`Management::name`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the URL at which the admin reaches this instance, such as `http://orders-7f9c:8080`;
    /// required. The management URL is this one and [`Management::base_path`], and the health URL
    /// is that one and `/health`.
    ///
    /// # Errors
    /// Fails unless it is a URL with the scheme `http` or `https` and a host, without user, query
    /// and fragment; for a user see [`SpringBootAdmin::callback_credentials`].
    pub fn service_url(mut self, url: impl AsRef<str>) -> Result<Self, SettingError> {
        self.service_url = Some(application::parse("service URL", url.as_ref())?);
        Ok(self)
    }

    /// Sets the URL of the discovery page, where the endpoints are on another port or behind
    /// another path than [`SpringBootAdmin::service_url`] says.
    ///
    /// # Errors
    /// As [`SpringBootAdmin::service_url`].
    pub fn management_url(mut self, url: impl AsRef<str>) -> Result<Self, SettingError> {
        self.management_url = Some(application::parse("management URL", url.as_ref())?);
        Ok(self)
    }

    /// Sets the URL at which the status is asked; the id of the instance depends on it and on
    /// nothing else.
    ///
    /// # Errors
    /// As [`SpringBootAdmin::service_url`].
    pub fn health_url(mut self, url: impl AsRef<str>) -> Result<Self, SettingError> {
        self.health_url = Some(application::parse("health URL", url.as_ref())?);
        Ok(self)
    }

    /// Adds metadata, such as `group`, `hide-url` or `sidebar.links.0.url`; one that is there
    /// already is replaced. `startup` is when [`SpringBootAdmin::start`] was called unless set
    /// here: by it the admin sees that an instance was restarted.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), Secret::new(value.into()));
        self
    }

    /// Adds a tag, shown beside the name: the metadata `tags.{name}`.
    pub fn tag(self, name: impl fmt::Display, value: impl Into<String>) -> Self {
        self.metadata(format!("tags.{name}"), value)
    }

    /// Tells the admin the user and password by which it may see the endpoints.
    ///
    /// # Security
    /// Whoever answers at the admin's URL gets them: give a user that may see these endpoints and
    /// nothing else, and reach the admin by `https`.
    pub fn callback_credentials(
        mut self,
        name: impl Into<String>,
        password: impl Into<Secret<String>>,
    ) -> Self {
        self.metadata
            .insert("user.password".to_owned(), password.into());
        self.metadata("user.name", name)
    }

    /// Sets how long after the start of one registration the next one is sent; default
    /// [`DEFAULT_REGISTRATION_PERIOD`].
    pub fn period(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// Sets how long one exchange with an admin may take; default
    /// [`DEFAULT_REGISTRATION_TIMEOUT`]. The end of the application may wait for two of them.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Registers at once and then in each period, on a task of the current runtime, until the
    /// management drains or what is returned is dropped.
    ///
    /// Call it when the server listens, since the admin asks at once. An admin that is away or
    /// refuses costs one warning, and one line more when it works again.
    ///
    /// # Errors
    /// Fails without service URL, for an empty name, for a period or timeout of zero or above
    /// [`MAX_DURATION`], and outside of a tokio runtime.
    pub fn start(self, management: &Management) -> Result<Registration, SettingError> {
        let failed = |problem| SettingError::new("registration at Spring Boot Admin", problem);
        for (what, time) in [("period", self.period), ("timeout", self.timeout)] {
            if time.is_zero() || time > MAX_DURATION {
                let problem = format!("the {what} must be longer than zero and at most a year");
                return Err(failed(problem));
            }
        }
        let Some(service_url) = self.service_url else {
            let problem = "there is no service URL; set the one at which the admin reaches this \
                           application";
            return Err(failed(problem.to_owned()));
        };
        let name = self.name.unwrap_or_else(|| management.name().to_owned());
        if name.is_empty() {
            return Err(failed("the name is empty".to_owned()));
        }
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|error| failed(format!("{error}; start it inside of one")))?;

        let management_url = self
            .management_url
            .unwrap_or_else(|| format!("{service_url}{}", management.base_path()));
        let application = Application {
            name,
            health_url: self
                .health_url
                .unwrap_or_else(|| format!("{management_url}/health")),
            management_url,
            service_url,
            metadata: self.metadata,
        };
        let body = application.to_json();
        let user = self.user.as_ref();
        let admins = self
            .admins
            .into_iter()
            .map(|url| Admin::new(url, user, body.clone(), self.timeout));
        let lists: Vec<Vec<Admin>> = if self.is_at_all {
            admins.map(|admin| vec![admin]).collect()
        } else {
            vec![admins.collect()]
        };
        let availability = management.availability();
        Ok(Registration::start(
            &runtime,
            lists,
            self.period,
            availability,
        ))
    }
}

/// Shows no password, and of the metadata only the keys.
impl fmt::Debug for SpringBootAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |url: &Url| RedactedUrl::new(url.as_str());
        let admins: Vec<RedactedUrl> = self.admins.iter().map(shown).collect();
        f.debug_struct("SpringBootAdmin")
            .field("admins", &admins)
            .field("name", &self.name)
            .field("service_url", &self.service_url)
            .field("management_url", &self.management_url)
            .field("health_url", &self.health_url)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}
