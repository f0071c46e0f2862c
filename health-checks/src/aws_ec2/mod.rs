//! Instances of AWS EC2.

mod answer;
mod instance;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};

use self::{
    answer::{StatusPage, instances, statuses},
    instance::{Instance, Known},
};
use crate::{
    SettingError, Tls,
    aws::{self, AwsCredentials, AwsFailure, Question, SignedService},
    web::HttpClient,
};

/// The version of the EC2 query API that is spoken.
const API_VERSION: &str = "2016-11-15";

/// How many instances one question about their status may name.
///
/// Source: Amazon EC2 API Reference, `DescribeInstanceStatus`.
const INSTANCES_PER_QUESTION: usize = 100;

/// How many pages of one answer are read; more than that is an answer that never ends.
const MAX_PAGES: usize = 100;

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

    async fn ask(&self) -> Result<Vec<Instance>, AwsFailure> {
        let known: Vec<Known> = self
            .pages("DescribeInstances", &self.selection(), instances)
            .await?;
        let known: Vec<Known> = known
            .into_iter()
            .filter(|known| self.ids.contains(&known.id) || !known.is_gone())
            .collect();
        let mut found: BTreeMap<String, StatusPage> = BTreeMap::new();
        for named in known.chunks(INSTANCES_PER_QUESTION) {
            let mut selection = vec![("IncludeAllInstances".to_owned(), "true".to_owned())];
            let ids = named.iter().map(|known| known.id.as_str());
            selection.extend(numbered("InstanceId", ids));
            let page = self.pages("DescribeInstanceStatus", &selection, statuses);
            found.extend(page.await?.into_iter().map(|it| (it.id.clone(), it)));
        }
        let instances = known.into_iter().map(|known| {
            let status = found.remove(&known.id);
            Instance { known, status }
        });
        Ok(instances.collect())
    }

    fn selection(&self) -> Vec<(String, String)> {
        let mut selection = numbered("InstanceId", self.ids.iter().map(String::as_str));
        for (index, (name, values)) in self.filters.iter().enumerate() {
            let filter = format!("Filter.{}", index + 1);
            selection.push((format!("{filter}.Name"), name.clone()));
            let values = values.iter().map(String::as_str);
            selection.extend(numbered(&format!("{filter}.Value"), values));
        }
        selection
    }

    /// Asks until there is no further page.
    async fn pages<T>(
        &self,
        action: &str,
        selection: &[(String, String)],
        read: fn(&[u8]) -> Result<(Vec<T>, Option<String>), String>,
    ) -> Result<Vec<T>, AwsFailure> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut form = reqwest::Url::parse("form:").map_err(|_| not_understood("form"))?;
            form.query_pairs_mut()
                .append_pair("Action", action)
                .append_pair("Version", API_VERSION)
                .extend_pairs(selection)
                .extend_pairs(next.iter().map(|token| ("NextToken", token)));
            let form = form.query().unwrap_or_default().to_owned();
            let answer = self.service.ask(Question::Form(form)).await?;
            if !answer.is_whole {
                return Err(not_understood("it is too large"));
            }
            let (page, token) = read(&answer.body).map_err(AwsFailure::NotUnderstood)?;
            all.extend(page);
            match token {
                Some(token) if next.as_ref() != Some(&token) => next = Some(token),
                Some(_) => return Err(not_understood("the same page came twice")),
                None => return Ok(all),
            }
        }
        Err(not_understood("it has too many pages"))
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

fn not_understood(reason: &str) -> AwsFailure {
    AwsFailure::NotUnderstood(reason.to_owned())
}

/// Names values as the query API wants a list: `Name.1`, `Name.2` and so on.
fn numbered<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let values = values.enumerate();
    values
        .map(|(index, value)| (format!("{name}.{}", index + 1), value.to_owned()))
        .collect()
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
