//! A client of the check's own.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use mongodb::{
    Client,
    options::{ClientOptions, ConnectionString, HostInfo},
};

use super::failure::Failure;
use crate::SettingError;

/// How long a [`MongoDb::connect`](crate::MongoDb::connect) looks for a server, unless its
/// connection string says less: short of the default deadline of a component, so that the reason
/// is told.
pub const MONGODB_SELECTION_TIMEOUT: Duration = Duration::from_millis(600);

/// How long the driver tries one address, unless the connection string says another.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Makes a client when it is needed first, and keeps it: the driver opens its connections anew by
/// itself, and closes them when the check is dropped.
pub(super) struct Own {
    settings: ConnectionString,
    place: String,
    client: Mutex<Option<Client>>,
}

impl Own {
    /// Reads a connection string; the driver's words about it are not repeated, since some of them
    /// hold its parts.
    pub(super) fn parse(uri: &str) -> Result<Self, SettingError> {
        let place = "connection string of the MongoDB check";
        let settings = ConnectionString::parse(uri).map_err(|_| {
            let problem = "this is none such as `mongodb://user:password@host:27017/?authSource=admin`; \
                           in user and password `:`, `/`, `?`, `#`, `[`, `]`, `@` are written as `%3A` and the like";
            SettingError::new(place, problem)
        })?;
        let hosts = match &settings.host_info {
            HostInfo::HostIdentifiers(hosts) => {
                let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
                hosts.join(", ")
            }
            HostInfo::DnsRecord(record) => record.clone(),
            _ => "unknown hosts".to_owned(),
        };
        Ok(Self {
            settings,
            place: hosts,
            client: Mutex::default(),
        })
    }

    /// Returns the hosts.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Returns the client. Of two that are made at the same time the first is kept.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        if let Some(client) = self.kept(None) {
            return Ok(client);
        }
        let mut options = ClientOptions::parse(self.settings.clone())
            .await
            .map_err(|error| Failure::of_driver(&error))?;
        let timeout = options
            .server_selection_timeout
            .unwrap_or(MONGODB_SELECTION_TIMEOUT);
        options.server_selection_timeout = Some(timeout.min(MONGODB_SELECTION_TIMEOUT));
        options.connect_timeout.get_or_insert(CONNECT_TIMEOUT);
        options.max_pool_size = Some(1);
        options.min_pool_size = None;
        options
            .app_name
            .get_or_insert_with(|| "health check".to_owned());
        let client = Client::with_options(options).map_err(|error| Failure::of_driver(&error))?;
        Ok(self.kept(Some(client.clone())).unwrap_or(client))
    }

    fn kept(&self, new: Option<Client>) -> Option<Client> {
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            *kept = new;
        }
        kept.clone()
    }
}
