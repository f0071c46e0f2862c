//! HashiCorp Vault, and OpenBao which speaks the same.

use std::{fmt, time::Duration};

use health_core::{Check, CheckResult, Health, Scope, Secret, Status, async_trait};
use reqwest::Url;
use serde_json::Value;

use crate::{
    SettingError, Tls,
    web::{Answer, Proxies, Redirects, Request, parse_url},
};

/// Checks that a Vault is initialized and unsealed, and that a token is valid where one is given.
///
/// Details: `url`, `version`, `clusterName`, `initialized`, `sealed`, `standby`, `tokenTtlSeconds`
/// where a token is given and ends, `error` when it is not UP. A sealed or uninitialized server is
/// OUT_OF_SERVICE, since it is there and waits for an operator; a token that is refused, or about
/// to end, is DOWN.
///
/// A standby is UP, because it passes requests on; [`Vault::require_active`] has it otherwise.
///
/// # Security
/// The token shows nowhere. It is sent to the server only, and redirects are not followed.
///
/// ```
/// use health_checks::Vault;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = Vault::new("https://vault.internal:8200")?.token("s.3cret")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Vault {
    base: Url,
    request: Request,
    token: Option<Secret<String>>,
    min_token_ttl: Duration,
    requires_active: bool,
}

impl Vault {
    /// Makes a check of the server at a URL, without `/v1`.
    ///
    /// # Errors
    /// Fails unless it is a URL with the scheme `http` or `https` and a host.
    pub fn new(url: &str) -> Result<Self, SettingError> {
        let mut base = parse_url(url).map_err(|problem| SettingError::new("Vault", problem))?;
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        base.set_query(None);
        let request = Request {
            redirects: Redirects::None,
            is_idempotent: true,
            ..Request::get(base.clone())
        };
        Ok(Self {
            base,
            request,
            token: None,
            min_token_ttl: Duration::ZERO,
            requires_active: false,
        })
    }

    /// Checks a token too, by asking for what it is; that uses none of its uses up.
    ///
    /// # Errors
    /// Fails for what cannot stand in a header.
    pub fn token(mut self, token: impl Into<String>) -> Result<Self, SettingError> {
        let token = token.into();
        self.request.clone().set_header("X-Vault-Token", &token)?;
        self.token = Some(token.into());
        Ok(self)
    }

    /// Sets for how long the token has to be valid still; default: at all. A token that never ends
    /// is always valid long enough.
    #[must_use]
    pub fn min_token_ttl(mut self, ttl: Duration) -> Self {
        self.min_token_ttl = ttl;
        self
    }

    /// Sets the namespace in which the token is valid.
    ///
    /// # Errors
    /// Fails for what cannot stand in a header.
    pub fn namespace(mut self, namespace: &str) -> Result<Self, SettingError> {
        self.request.set_header("X-Vault-Namespace", namespace)?;
        Ok(self)
    }

    /// Lets a standby be OUT_OF_SERVICE.
    #[must_use]
    pub fn require_active(mut self) -> Self {
        self.requires_active = true;
        self
    }

    /// Sets whom to trust; default: the certificates of the system.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.request.client.set_tls(tls);
        self
    }

    /// Asks through the proxies that the environment names now; default: through none.
    ///
    /// Which variables are read is what they are for `Http` (feature `http`): `http_proxy`,
    /// `https_proxy`, `all_proxy` and `no_proxy`, each also in capitals.
    ///
    /// # Errors
    /// Fails when a variable holds no URL of a proxy that is spoken to by `http` or `https`.
    pub fn proxy_from_environment(mut self) -> Result<Self, SettingError> {
        self.request.client.set_proxies(Proxies::of_process()?);
        Ok(self)
    }

    async fn ask(&self, path: &str, token: Option<&str>) -> Result<(u16, Value), String> {
        let mut request = self.request.clone();
        let base = self.base.path().trim_end_matches('/');
        request.url.set_path(&format!("{base}/v1/{path}"));
        if let Some(token) = token {
            let set = request.set_header("X-Vault-Token", token);
            set.map_err(|error| error.to_string())?;
        }
        let answer = request.send(std::iter::empty()).await;
        let Answer { status, body, .. } = answer.map_err(|failure| failure.to_string())?;
        Ok((
            status.as_u16(),
            serde_json::from_slice(&body).unwrap_or_default(),
        ))
    }

    async fn server(&self) -> Health {
        let (code, body) = match self.ask("sys/health", None).await {
            Ok(answer) => answer,
            Err(error) => return Health::down().detail("error", error),
        };
        let (status, error) = self.judge(code, &body);
        Health::new(status)
            .detail("version", body["version"].clone())
            .detail("clusterName", body["cluster_name"].clone())
            .detail("initialized", body["initialized"].clone())
            .detail("sealed", body["sealed"].clone())
            .detail("standby", body["standby"].clone())
            .detail("error", error)
    }

    /// Source: Vault API documentation, `/sys/health`, whose codes are 200 active, 429 standby,
    /// 472 and 473 secondaries, 501 not initialized, 503 sealed.
    fn judge(&self, code: u16, body: &Value) -> (Status, Option<String>) {
        let out = |reason: &str| (Status::OUT_OF_SERVICE, Some(reason.to_owned()));
        let is = |key: &str, expected: bool| body[key].as_bool() == Some(expected);
        match code {
            501 if is("initialized", false) => out("it is not initialized"),
            503 if is("sealed", true) => out("it is sealed"),
            429 | 472 | 473 if self.requires_active => out("it is a standby"),
            200 | 429 | 472 | 473 if is("initialized", true) && is("sealed", false) => {
                (Status::UP, None)
            }
            200 | 429 | 472 | 473 | 501 | 503 => (
                Status::DOWN,
                Some(format!("answered {code}, but not as Vault does")),
            ),
            code => (Status::DOWN, Some(format!("answered {code}"))),
        }
    }

    async fn with_token(&self, health: Health, token: &str) -> Health {
        let (code, body) = match self.ask("auth/token/lookup-self", Some(token)).await {
            Ok(answer) => answer,
            Err(error) => return down(health, error),
        };
        if code != 200 {
            let reason = match code {
                400 | 401 | 403 => format!("the token is refused ({code})"),
                _ => format!("asked for the token it answered {code}"),
            };
            return down(health, reason);
        }
        let data = &body["data"];
        let Some(ttl) = data["ttl"].as_u64() else {
            return down(
                health,
                "what it says of the token is not understood".to_owned(),
            );
        };
        // The time to live of a token that never ends is 0, and it has no time of expiry.
        if data["expire_time"].is_null() && ttl == 0 {
            return health;
        }
        let health = health.detail("tokenTtlSeconds", ttl);
        if Duration::from_secs(ttl) < self.min_token_ttl {
            return down(health, format!("the token ends in {ttl} s"));
        }
        health
    }
}

fn down(health: Health, error: String) -> Health {
    let details = health.details().iter();
    details
        .fold(Health::down(), |down, (name, value)| {
            down.detail(name, value.clone())
        })
        .detail("error", error)
}

#[async_trait]
impl Check for Vault {
    async fn check(&self) -> CheckResult {
        let health = self.server().await;
        let health = match &self.token {
            Some(token) if *health.status() == Status::UP => {
                self.with_token(health, token.expose()).await
            }
            _ => health,
        };
        let url = self.request.shown_url();
        Ok(health.detail("url", url.as_str().trim_end_matches('/')))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the URL and no token.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.request).finish()
    }
}
