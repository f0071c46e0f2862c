//! The roll call over Redis, in the way in which kombu makes exchanges and queues of its keys.

use std::time::Duration;

use redis::{Cmd, Value, cmd};
use tokio::{sync::Mutex, time::Instant};

use super::{
    broker::Question,
    message::{Answer, Ping, unique},
    roll::{Absence, Expected, Roll},
};
use crate::redis::{Endpoint, Failure, Open};

/// What kombu puts between the parts of a binding.
const SEPARATOR: &str = "\u{6}\u{16}";

/// The shortest time for which Redis is asked to wait; none would mean forever.
const MIN_WAIT: Duration = Duration::from_millis(10);

/// A server and the two connections to it: one waits while the other speaks.
pub(super) struct Broker {
    pub(super) endpoint: Endpoint,
    /// The name of the queue for answers. It stays the same, so that a run which is cut short
    /// leaves behind what the next one takes away.
    key: String,
    kept: Mutex<Option<[Open; 2]>>,
}

/// The keys of one exchange of remote control.
struct Keys {
    /// Where all workers listen.
    channel: String,
    exchange: String,
    replies: String,
    bindings: String,
    binding: String,
    queue: String,
}

impl Broker {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            key: unique(),
            kept: Mutex::default(),
        }
    }

    /// Asks the workers, and waits for their answers until `deadline`.
    pub(super) async fn call(
        &self,
        question: &Question,
        deadline: Instant,
    ) -> Result<Roll, Failure> {
        let keys = self.keys(question);
        let expected = &question.expected;
        let mut kept = self.kept.lock().await;
        if let Some(mut lines) = kept.take() {
            match call(&mut lines, &self.key, &keys, expected, deadline).await {
                // The server gave up an idle connection, which says nothing of its health.
                Err(Failure::Connection(_)) => {}
                answered => {
                    *kept = Some(lines);
                    return answered;
                }
            }
        }
        let mut lines = [self.endpoint.open().await?, self.endpoint.open().await?];
        let answered = call(&mut lines, &self.key, &keys, expected, deadline).await;
        if !matches!(answered, Err(Failure::Connection(_))) {
            *kept = Some(lines);
        }
        answered
    }

    fn keys(&self, question: &Question) -> Keys {
        let prefix = &question.key_prefix;
        let exchange = format!("{}.pidbox", question.control_exchange);
        let replies = format!("reply.{exchange}");
        let (key, database) = (&self.key, self.endpoint.database());
        let queue = format!("{key}.{replies}");
        Keys {
            channel: format!("{prefix}/{database}.{exchange}"),
            bindings: format!("{prefix}_kombu.binding.{replies}"),
            binding: format!("{key}{SEPARATOR}{SEPARATOR}{queue}"),
            queue: format!("{prefix}{queue}"),
            exchange,
            replies,
        }
    }
}

async fn call(
    lines: &mut [Open; 2],
    key: &str,
    keys: &Keys,
    expected: &Expected,
    deadline: Instant,
) -> Result<Roll, Failure> {
    let [speaks, waits] = lines;
    speaks.ask(cmd("DEL").arg(&keys.queue)).await?;
    speaks
        .ask(cmd("SADD").arg(&keys.bindings).arg(&keys.binding))
        .await?;
    let roll = ask(speaks, waits, key, keys, expected, deadline).await;
    speaks
        .ask(cmd("SREM").arg(&keys.bindings).arg(&keys.binding))
        .await?;
    speaks.ask(cmd("DEL").arg(&keys.queue)).await?;
    roll
}

async fn ask(
    speaks: &mut Open,
    waits: &mut Open,
    key: &str,
    keys: &Keys,
    expected: &Expected,
    deadline: Instant,
) -> Result<Roll, Failure> {
    let patience = deadline.saturating_duration_since(Instant::now());
    // All are asked, also where names are given: Redis says how many it reached, so that who is
    // not connected is known when all others have answered.
    let ping = Ping::new(&keys.replies, key, &[], patience);
    let mut roll = Roll::new();
    let mut publish = cmd("PUBLISH");
    publish
        .arg(&keys.channel)
        .arg(ping.envelope(&keys.exchange));
    let reached = speaks.ask(&publish).await?;
    roll.connected = Some(count(&reached)?);
    while !roll.is_complete(expected) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left < MIN_WAIT {
            break;
        }
        let answer = waits.ask(&pop(&keys.queue, left)).await?;
        match answer {
            Value::Nil => break,
            Value::Array(parts) => match parts.as_slice() {
                [_, Value::BulkString(envelope)] => take(&mut roll, &ping, envelope),
                _ => return Err(strange()),
            },
            _ => return Err(strange()),
        }
    }
    let all_answered = roll.is_everybody();
    let absence = if all_answered {
        Absence::NotConnected
    } else {
        Absence::Unknown
    };
    let missing: Vec<_> = roll.missing(expected).map(str::to_owned).collect();
    roll.absent = missing.into_iter().map(|name| (name, absence)).collect();
    Ok(roll)
}

/// What shows another ticket is an answer to an earlier question.
fn take(roll: &mut Roll, ping: &Ping, envelope: &[u8]) {
    match Answer::open(envelope) {
        Some((ticket, answer)) if ticket == ping.ticket => roll.note(Some(answer)),
        Some(_) => {}
        None => roll.note(None),
    }
}

fn pop(queue: &str, wait: Duration) -> Cmd {
    let mut command = cmd("BRPOP");
    command.arg(queue).arg(wait.as_secs_f64());
    command
}

fn count(reached: &Value) -> Result<usize, Failure> {
    match reached {
        Value::Int(count) => usize::try_from(*count).map_err(|_| strange()),
        _ => Err(strange()),
    }
}

fn strange() -> Failure {
    Failure::Answer("the server answered in an unexpected way".to_owned())
}
