//! RabbitMQ: one connection for each broker.

use super::{Made, any_of::any_of, written};
use crate::{
    RabbitMq as Check,
    platform::{ConnectString, DEFAULT_VIRTUAL_HOST, Host, RabbitMq},
};

/// Parameters that the driver knows; of others it could not keep what they promise.
const PARAMETERS: [&str; 4] = ["frame_max", "channel_max", "heartbeat", "auth_mechanism"];

pub(super) fn make(rabbitmq: &RabbitMq) -> Made {
    let all = std::iter::once(&rabbitmq.connect).chain(&rabbitmq.brokers);
    let mut hosts: Vec<(&Host, &ConnectString)> = Vec::new();
    for connect in all {
        for host in connect.hosts() {
            if !hosts.iter().any(|(known, _)| *known == host) {
                hosts.push((host, connect));
            }
        }
    }
    hosts.sort_by_key(|(host, _)| *host);
    any_of(hosts.iter().map(|(host, _)| *host), |host| {
        let mut of_host = hosts.iter().filter(|(known, _)| *known == host);
        let connect = of_host
            .next()
            .map_or(&rabbitmq.connect, |(_, connect)| *connect);
        Check::connect(uri(connect, host))
    })
}

fn uri(connect: &ConnectString, host: &Host) -> String {
    let is_secured = connect.scheme().starts_with("amqps");
    let scheme = if is_secured { "amqps" } else { "amqp" };
    let authority = written::authority(scheme, connect);
    let virtual_host = connect.database().unwrap_or(DEFAULT_VIRTUAL_HOST);
    let virtual_host = written::encoded(virtual_host);
    let parameters = PARAMETERS.iter().filter_map(|name| {
        let value = connect.parameter(name)?;
        Some(format!("{name}={}", written::encoded(value)))
    });
    let parameters: Vec<_> = parameters.collect();
    format!("{authority}{host}/{virtual_host}?{}", parameters.join("&"))
}
