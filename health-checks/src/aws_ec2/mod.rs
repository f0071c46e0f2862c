//! Instances of AWS EC2.

mod answer;
mod ask;
mod instance;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};

use self::instance::Instance;
use crate::{
    SettingError, Tls,
    aws::{self, AwsCredentials, SignedService},
    web::{HttpClient, Proxies},
};

/// Checks that instances of AWS EC2 run and pass their status checks.
///
/// Details: `region`, `count` of the instances that count, `error` when one is missing or AWS says
/// no. Each instance is a component with the name of its id and the details `name` (its tag
/// `Name`), `state`, `instanceStatus`, `systemStatus`: UP when it runs and both are `ok`;
/// OUT_OF_SERVICE while it is `pending` or a status is `initializing`; UNKNOWN while AWS has
/// `insufficient-data`; DOWN otherwise, as when one is `impaired`. The whole has the worst of them.
///
/// What a filter selects counts as long as it exists: instances that are terminated, or shut down
/// for good, are seen by AWS for an hour and left out, unless they are named by
/// [`Ec2Instances::ids`]. No instance at all is DOWN.
///
/// The keys need the permissions `ec2:DescribeInstances` and `ec2:DescribeInstanceStatus`. A run
/// asks AWS at least twice; give it an interval and a deadline of seconds.
///
/// ```
/// use health_checks::{AwsCredentials, Ec2Instances};
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let keys = AwsCredentials::new("AKIAEXAMPLE", "s3cret");
/// let check = Ec2Instances::new("eu-west-1", keys)?
///     .filter("tag:role", ["worker"])
///     .min_instances(2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Ec2Instances {
    ids: BTreeSet<String>,
    filters: BTreeMap<String, Vec<String>>,
    min_instances: usize,
    service: SignedService,
}

impl Ec2Instances {
    /// Makes a check of all instances in a region.
    ///
    /// # Errors
    /// Fails for what cannot be a region.
    pub fn new(region: &str, credentials: AwsCredentials) -> Result<Self, SettingError> {
        let region = aws::region(region)?;
        crate::tls::load();
        Ok(Self {
            ids: BTreeSet::new(),
            filters: BTreeMap::new(),
            min_instances: 1,
            service: SignedService {
                endpoint: aws::endpoint(&format!("https://ec2.{region}.amazonaws.com"))?,
                region,
                service: "ec2",
                credentials,
                client: HttpClient::default(),
            },
        })
    }

    /// Adds instances by their ids; each of them has to exist.
    #[must_use]
    pub fn ids<S: Into<String>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        self.ids.extend(ids.into_iter().map(Into::into));
        self
    }

    /// Adds a filter, such as `tag:role` with the values of which one has to fit; `*` stands for
    /// any characters.
    #[must_use]
    pub fn filter<S: Into<String>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let values = values.into_iter().map(Into::into);
        self.filters.entry(name.into()).or_default().extend(values);
        self
    }

    /// Sets how many instances there have to be, whatever their state; default 1.
    #[must_use]
    pub fn min_instances(mut self, count: usize) -> Self {
        self.min_instances = count;
        self
    }

    /// Asks another server than that of AWS in the region.
    ///
    /// # Errors
    /// Fails unless it is a scheme, a host and a port.
    pub fn endpoint(mut self, url: &str) -> Result<Self, SettingError> {
        self.service.endpoint = aws::endpoint(url)?;
        Ok(self)
    }

    /// Sets whom to trust; default: the certificates of the system.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.service.client.set_tls(tls);
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
        self.service.client.set_proxies(Proxies::of_process()?);
        Ok(self)
    }

    fn judge(&self, instances: &[Instance]) -> Health {
        let missing: Vec<&str> = self
            .ids
            .iter()
            .filter(|id| instances.iter().all(|it| it.known.id != **id))
            .map(String::as_str)
            .collect();
        let error = if !missing.is_empty() {
            Some(format!("not found: {}", missing.join(", ")))
        } else if instances.len() < self.min_instances {
            Some(format!(
                "{} instances, at least {} are expected",
                instances.len(),
                self.min_instances
            ))
        } else {
            None
        };
        let status = match &error {
            Some(_) => Status::DOWN,
            None => worst(instances),
        };
        let whole = Health::new(status)
            .detail("count", instances.len())
            .detail("error", error);
        instances.iter().fold(whole, |whole, instance| {
            whole.component(instance.known.id.as_str(), instance.health())
        })
    }
}

fn worst(instances: &[Instance]) -> Status {
    const ORDER: [Status; 3] = [Status::DOWN, Status::OUT_OF_SERVICE, Status::UNKNOWN];
    let statuses: Vec<Status> = instances.iter().map(Instance::status).collect();
    ORDER
        .into_iter()
        .find(|status| statuses.contains(status))
        .unwrap_or(Status::UP)
}

#[async_trait]
impl Check for Ec2Instances {
    async fn check(&self) -> CheckResult {
        let health = match self.ask().await {
            Ok(instances) => self.judge(&instances),
            Err(failure) => Health::down().detail("error", failure.to_string()),
        };
        Ok(health.detail("region", self.service.region.as_str()))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the region and what is selected, and no key.
impl fmt::Debug for Ec2Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ec2Instances")
            .field("region", &self.service.region)
            .field("ids", &self.ids)
            .field("filters", &self.filters)
            .finish_non_exhaustive()
    }
}
