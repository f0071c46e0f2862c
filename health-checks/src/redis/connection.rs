//! The connections on which a check asks.

use redis::{
    Cmd, Value,
    aio::{ConnectionLike, ConnectionManager, MultiplexedConnection},
    cluster_async::ClusterConnection,
    cluster_routing::{RoutingInfo, SingleNodeRoutingInfo},
};

use super::failure::Failure;
use crate::patience::OutOfPatience;

/// Holds a connection of the application, of one of the types of `redis` that many may use at
/// once: `ConnectionManager`, `MultiplexedConnection` or `ClusterConnection`.
#[derive(Clone)]
pub struct RedisConnection(Kind);

#[derive(Clone)]
enum Kind {
    Reconnecting(ConnectionManager),
    Multiplexed(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl RedisConnection {
    /// Sends a command and waits for its answer; of a cluster any primary is asked.
    pub(super) async fn ask(&mut self, command: &Cmd) -> Result<Value, Failure> {
        let answer = match &mut self.0 {
            Kind::Reconnecting(connection) => connection.req_packed_command(command).await,
            Kind::Multiplexed(connection) => connection.req_packed_command(command).await,
            Kind::Cluster(connection) => {
                let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::RandomPrimary);
                connection.route_command(command.clone(), any).await
            }
        };
        answer
            .and_then(Value::extract_error)
            .map_err(|error| self.explain(&error))
    }

    /// Says what may keep an answer away: these connections wait for more than the answer.
    pub(super) fn explain_late(&self, late: &OutOfPatience) -> Failure {
        let hint = match &self.0 {
            Kind::Reconnecting(_) => "; the `ConnectionManager` may be trying to connect again",
            Kind::Multiplexed(_) => "",
            Kind::Cluster(_) => "; one node that is silent can hold up a `ClusterConnection`",
        };
        Failure::Answer(format!("{late}{hint}"))
    }

    fn explain(&self, error: &redis::RedisError) -> Failure {
        let failure = Failure::of_command(error);
        match (&self.0, failure) {
            (Kind::Multiplexed(_), Failure::Connection(text)) => Failure::Connection(format!(
                "{text}; a `MultiplexedConnection` does not come back, a `ConnectionManager` does"
            )),
            (_, failure) => failure,
        }
    }
}

impl From<ConnectionManager> for RedisConnection {
    fn from(connection: ConnectionManager) -> Self {
        Self(Kind::Reconnecting(connection))
    }
}

impl From<MultiplexedConnection> for RedisConnection {
    fn from(connection: MultiplexedConnection) -> Self {
        Self(Kind::Multiplexed(connection))
    }
}

impl From<ClusterConnection> for RedisConnection {
    fn from(connection: ClusterConnection) -> Self {
        Self(Kind::Cluster(connection))
    }
}
