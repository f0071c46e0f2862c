//! MongoDB: a server, or a replica set with its members.

mod failure;
mod member;
mod own;
mod replica_set;
#[cfg(test)]
mod replica_set_tests;

use std::{
    fmt,
    time::{Duration, Instant},
};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use mongodb::{
    Client,
    bson::{Document, doc},
    options::{ReadPreference, SelectionCriteria},
};

pub use self::own::MONGODB_SELECTION_TIMEOUT;
use self::{
    failure::{Failure, cut},
    member::number,
    own::Own,
    replica_set::{Expected, Found, full_name},
};
use crate::{SettingError, millis::millis, patience::within};

/// How many names of databases are shown.
pub const MAX_SHOWN_DATABASES: usize = 100;

/// Why the driver did not give the reason in time.
const SELECTION_HINT: &str = "; if no server is there, the client tells why only after its \
                              `serverSelectionTimeout` (30 s unless it is set)";

/// Checks that a MongoDB deployment answers a client that it knows, and that a replica set has a
/// primary and its members.
///
/// Details: `databases` (names, at most [`MAX_SHOWN_DATABASES`]), `maxWireVersion`, `latencyMs`,
/// with [`MongoDb::replica_set`] `setName`, `primary`, `members`, `membersNotUp`,
/// `unexpectedMembers` and a component for each member with `state`, `health`, `uptimeSeconds`,
/// `lagMs`, `pingMs`, `syncSource`, `unexpected`; `error` when DOWN.
///
/// It asks the primary, and where there is none a secondary, `hello` and `listDatabases` (names
/// alone, of the databases for which the user has a privilege). The latter, because a server that
/// wants a login answers `hello` and `ping` to anybody. A user who logged in and may not list
/// databases is UP without `databases`.
///
/// A replica set is DOWN without a primary, with two, and when an expected member is missing or not
/// UP. Without [`MongoDb::members`] a single member that is not UP shows in its component and in
/// `membersNotUp`, and the set is UP while it has a primary. Of a member RECOVERING, STARTUP,
/// STARTUP2 and ROLLBACK are OUT_OF_SERVICE; `lagMs` is how far its last change is behind that of
/// the primary.
///
/// The driver looks for a server as long as the client's `serverSelectionTimeout` says, 30 s by
/// default, whether it is refused or not answered. The check gives up just before the deadline of
/// the component: set the client's below that, and the reason is told instead of the time.
/// [`MongoDb::connect`] has one of [`MONGODB_SELECTION_TIMEOUT`](crate::MONGODB_SELECTION_TIMEOUT).
///
/// It is tested with the driver against a server of our own that speaks MongoDB's protocol and
/// answers documents in the shape of recorded ones, not against a `mongod`.
///
/// # Security
/// For members the user needs the privilege `replSetGetStatus` (role `clusterMonitor`). Credentials
/// show nowhere.
///
/// ```no_run
/// use health_checks::MongoDb;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = mongodb::Client::with_uri_str("mongodb://m0,m1,m2/?replicaSet=orders").await?;
/// let check = MongoDb::new(client).members(["m0:27017", "m1:27017", "m2:27017"]);
/// # Ok(())
/// # }
/// ```
pub struct MongoDb {
    source: Source,
    replica_set: Option<Expected>,
}

enum Source {
    Application(Client),
    Own(Box<Own>),
}

impl MongoDb {
    /// Makes a check over the application's client.
    pub fn new(client: Client) -> Self {
        Self::of(Source::Application(client))
    }

    /// Makes a check with a client of its own, which the first run makes: by `mongodb://` or
    /// `mongodb+srv://`. Of the options in it those for TLS, authentication and
    /// `directConnection` are of use.
    ///
    /// # Errors
    /// Fails for what is no such connection string.
    pub fn connect(uri: impl AsRef<str>) -> Result<Self, SettingError> {
        let own = Own::parse(uri.as_ref())?;
        Ok(Self::of(Source::Own(Box::new(own))))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            replica_set: None,
        }
    }

    /// Asks for the members of the replica set; by default they are not asked about.
    #[must_use]
    pub fn replica_set(mut self) -> Self {
        self.replica_set.get_or_insert_default();
        self
    }

    /// Requires these members (`host:port`; port 27017 where there is none) in the replica set:
    /// one that is missing or not UP is DOWN, one that is not named is reported.
    #[must_use]
    pub fn members<S: AsRef<str>>(mut self, members: impl IntoIterator<Item = S>) -> Self {
        let names = members.into_iter().map(|name| full_name(name.as_ref()));
        let expected = self.replica_set.get_or_insert_default();
        expected.members.extend(names);
        self
    }

    /// Sets how far a secondary may be behind the primary, inclusive; by default any.
    #[must_use]
    pub fn max_replica_lag(mut self, lag: Duration) -> Self {
        self.replica_set.get_or_insert_default().max_lag = Some(lag);
        self
    }

    async fn ask(&self) -> Result<Health, Failure> {
        let client = match &self.source {
            Source::Application(client) => client.clone(),
            Source::Own(own) => own.client().await?,
        };
        let start = Instant::now();
        let hello = command(&client, doc! { "hello": 1 }).await?;
        let latency = start.elapsed();
        let version = number(&hello, "maxWireVersion")
            .ok_or_else(|| Failure::new("hello was answered without `maxWireVersion`"))?;
        let databases = databases(&client).await?;
        let found = match &self.replica_set {
            None => None,
            Some(expected) => Some(members(&client, expected).await),
        };
        let (found, error) = match found {
            None => (None, None),
            Some(Ok(found)) => {
                let problem = found.problem().map(str::to_owned);
                (Some(found), problem)
            }
            Some(Err(failure)) => (None, Some(failure.to_string())),
        };
        let health = match &error {
            None => Health::up(),
            Some(_) => Health::down(),
        };
        let health = health
            .detail("databases", databases)
            .detail("maxWireVersion", version)
            .detail("latencyMs", millis(latency))
            .detail("error", error);
        Ok(match found {
            Some(found) => found.add_to(health),
            None => health,
        })
    }
}

async fn command(client: &Client, command: Document) -> Result<Document, Failure> {
    let anybody = ReadPreference::PrimaryPreferred { options: None };
    client
        .database("admin")
        .run_command(command)
        .selection_criteria(SelectionCriteria::ReadPreference(anybody))
        .await
        .map_err(|error| Failure::of_driver(&error))
}

/// Lists the names; `None` when the user may not, or the server does not know how.
async fn databases(client: &Client) -> Result<Option<Vec<String>>, Failure> {
    let question = doc! { "listDatabases": 1, "nameOnly": true, "authorizedDatabases": true };
    let answer = match command(client, question).await {
        Ok(answer) => answer,
        Err(failure) if failure.is_refused_command() => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let databases = answer
        .get_array("databases")
        .map_err(|_| Failure::new("listDatabases was answered without `databases`"))?;
    let names = databases.iter().filter_map(|database| {
        let name = database.as_document()?.get_str("name").ok()?;
        Some(cut(name))
    });
    Ok(Some(names.take(MAX_SHOWN_DATABASES).collect()))
}

async fn members(client: &Client, expected: &Expected) -> Result<Found, Failure> {
    let status = command(client, doc! { "replSetGetStatus": 1 }).await?;
    expected.judge(&status)
}

#[async_trait]
impl Check for MongoDb {
    async fn check(&self) -> CheckResult {
        let answered = within("answer", self.ask()).await.map_err(|error| {
            let hint = match &self.source {
                Source::Application(_) => SELECTION_HINT,
                Source::Own(_) => "",
            };
            Failure::new(format!("{error}{hint}"))
        });
        Ok(answered.flatten()?)
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the hosts, and of the application's client only that it is one.
impl fmt::Debug for MongoDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.source {
            Source::Application(_) => "client of the application",
            Source::Own(own) => own.place(),
        };
        let mut shown = f.debug_struct("MongoDb");
        shown.field("place", &place);
        if let Some(expected) = &self.replica_set {
            shown.field("replica_set", expected);
        }
        shown.finish()
    }
}
