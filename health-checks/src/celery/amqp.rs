//! The roll call over RabbitMQ.

use std::time::Duration;

use futures_util::StreamExt;
use lapin::{
    BasicProperties, Channel, Connection, ExchangeKind,
    options::{
        BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
        QueueBindOptions, QueueDeclareOptions,
    },
    protocol::constants,
    types::{AMQPValue, FieldTable},
};
use tokio::time::{Instant, timeout_at};

use super::{
    message::{Answer, Ping, unique},
    roll::{Absence, Expected, Roll},
};
use crate::rabbitmq::{Failure, NOT_FOUND, RESOURCE_LOCKED, Refusals, open_channel, short};

/// The arguments that workers give their own queues: the queue goes after this time without a
/// consumer, and its messages after that time, both in milliseconds.
const QUEUE_ARGUMENTS: [(&str, i32); 2] = [("x-expires", 10_000), ("x-message-ttl", 300_000)];

/// How many workers that are missing are looked for by themselves.
const MAX_LOOKED_FOR: usize = 20;

/// Asks the workers, and waits for their answers until `deadline`.
pub(super) async fn call(
    connection: &Connection,
    refusals: &Refusals,
    control_exchange: &str,
    expected: &Expected,
    deadline: Instant,
) -> Result<Roll, Failure> {
    let pidbox = format!("{control_exchange}.pidbox");
    let mut roll = Roll::new();
    let opened = refusals.ask(&pidbox, open_where_there_is(connection, &pidbox));
    let channel = match opened.await {
        Ok(channel) => channel,
        // The exchange is made by the first worker.
        Err(failure) if failure.is(NOT_FOUND) => {
            roll.connected = Some(0);
            note_absence(&mut roll, expected, Absence::NotConnected);
            return Ok(roll);
        }
        Err(failure) => return Err(failure),
    };
    // Dropped on the way, the channel is closed, and with its consumer goes the queue.
    let replies = format!("reply.{pidbox}");
    let collected = collect(&channel, &pidbox, &replies, expected, deadline, &mut roll);
    refusals.ask(&replies, collected).await?;
    channel.close(constants::REPLY_SUCCESS, "OK".into()).await?;
    if roll.connected == Some(0) {
        note_absence(&mut roll, expected, Absence::NotConnected);
    } else {
        look_for_missing(connection, refusals, &pidbox, expected, &mut roll).await?;
    }
    Ok(roll)
}

/// Opens a channel, where the exchange is there.
async fn open_where_there_is(connection: &Connection, exchange: &str) -> Result<Channel, Failure> {
    let exchange = short(exchange)?;
    let channel = open_channel(connection).await?;
    let options = ExchangeDeclareOptions {
        passive: true,
        ..ExchangeDeclareOptions::default()
    };
    let (kind, table) = (ExchangeKind::Fanout, FieldTable::default());
    channel
        .exchange_declare(exchange, kind, options, table)
        .await?;
    Ok(channel)
}

async fn collect(
    channel: &Channel,
    pidbox: &str,
    replies: &str,
    expected: &Expected,
    deadline: Instant,
    roll: &mut Roll,
) -> Result<(), Failure> {
    let key = unique();
    let queue = format!("{key}.{replies}");
    let mut answers = consume(channel, replies, &key, &queue).await?;

    // Who is named is asked alone, so that a large fleet need not answer.
    let names: Vec<_> = expected.names.iter().map(String::as_str).collect();
    let destination = if expected.count.is_none() {
        &names[..]
    } else {
        &[]
    };
    let patience = deadline.saturating_duration_since(Instant::now());
    let ping = Ping::new(replies, &key, destination, patience);
    *roll = Roll::new();
    if !publish(channel, pidbox, &ping, patience).await? {
        roll.connected = Some(0);
        return Ok(());
    }
    // The time is looked at here too: what arrives without a pause would never let it run out.
    while !roll.is_complete(expected) && Instant::now() < deadline {
        let Ok(answer) = timeout_at(deadline, answers.next()).await else {
            break;
        };
        let closed = || Failure::Connection("the channel was closed".to_owned());
        let answer = answer.ok_or_else(closed)??;
        let headers = answer.properties.headers().as_ref();
        let ticket = headers.and_then(|headers| headers.inner().get("ticket"));
        let is_ours = matches!(ticket, Some(AMQPValue::LongString(ticket)) if ticket.as_bytes() == ping.ticket.as_bytes());
        if is_ours {
            roll.note(Answer::read(&answer.data));
        }
    }
    Ok(())
}

/// Makes the queue for the answers, which goes with its consumer.
async fn consume(
    channel: &Channel,
    replies: &str,
    key: &str,
    queue: &str,
) -> Result<lapin::Consumer, Failure> {
    let (kind, options) = (ExchangeKind::Direct, ExchangeDeclareOptions::default());
    let table = FieldTable::default;
    channel
        .exchange_declare(short(replies)?, kind, options, table())
        .await?;
    let options = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..QueueDeclareOptions::default()
    };
    let mut arguments = table();
    for (name, value) in QUEUE_ARGUMENTS {
        arguments.insert(name.into(), AMQPValue::LongInt(value));
    }
    channel
        .queue_declare(short(queue)?, options, arguments)
        .await?;
    let options = QueueBindOptions::default();
    let [name, exchange, key] = [short(queue)?, short(replies)?, short(key)?];
    channel
        .queue_bind(name, exchange, key, options, table())
        .await?;
    let options = BasicConsumeOptions {
        no_ack: true,
        ..BasicConsumeOptions::default()
    };
    let consumer = channel.basic_consume(short(queue)?, "".into(), options, table());
    Ok(consumer.await?)
}

/// Sends the question, and tells whether it reached anybody's queue.
async fn publish(
    channel: &Channel,
    pidbox: &str,
    ping: &Ping,
    patience: Duration,
) -> Result<bool, Failure> {
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    let mut headers = FieldTable::default();
    headers.insert("clock".into(), AMQPValue::LongInt(1));
    headers.insert("expires".into(), AMQPValue::Double(ping.expires));
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_content_encoding("utf-8".into())
        .with_headers(headers)
        .with_delivery_mode(1)
        .with_priority(0)
        .with_expiration(patience.as_millis().max(1).to_string().into());
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let sent = channel.basic_publish(short(pidbox)?, "".into(), options, ping.body(), properties);
    let confirmed = sent.await?.await?;
    if confirmed.is_nack() {
        return Err(Failure::Answer(
            "the broker did not take the question".to_owned(),
        ));
    }
    Ok(confirmed.take_message().is_none())
}

/// Asks for the queues on which missing workers are asked: one that is connected has one, for
/// itself alone.
async fn look_for_missing(
    connection: &Connection,
    refusals: &Refusals,
    pidbox: &str,
    expected: &Expected,
    roll: &mut Roll,
) -> Result<(), Failure> {
    let missing: Vec<String> = roll.missing(expected).map(str::to_owned).collect();
    for name in missing.into_iter().take(MAX_LOOKED_FOR) {
        let queue = format!("{name}.{pidbox}");
        let consumers = refusals.ask(&queue, count_consumers(connection, &queue));
        let absence = match consumers.await {
            // Of older workers the queue stays for some seconds when they are gone.
            Ok(0) | Err(Failure::Name { .. }) => Absence::NotConnected,
            Ok(_) => Absence::Silent,
            Err(failure) if failure.is(NOT_FOUND) => Absence::NotConnected,
            Err(failure) if failure.is(RESOURCE_LOCKED) => Absence::Silent,
            Err(Failure::Refused { .. }) => Absence::Unknown,
            Err(failure) => return Err(failure),
        };
        roll.absent.insert(name, absence);
    }
    Ok(())
}

async fn count_consumers(connection: &Connection, queue: &str) -> Result<u32, Failure> {
    let name = short(queue)?;
    let channel = open_channel(connection).await?;
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel
        .queue_declare(name, options, FieldTable::default())
        .await?;
    channel.close(constants::REPLY_SUCCESS, "OK".into()).await?;
    Ok(queue.consumer_count())
}

fn note_absence(roll: &mut Roll, expected: &Expected, absence: Absence) {
    let names = expected.names.iter();
    roll.absent = names.map(|name| (name.clone(), absence)).collect();
}
