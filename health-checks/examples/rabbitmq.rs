//! Asks a RabbitMQ broker once, and for the queues that are named:
//! `RABBITMQ_URL=amqp://localhost cargo run --example rabbitmq --features rabbitmq -- orders`.

mod shared;

use std::{env, error::Error};

use health_checks::{Queue, RabbitMq};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri = env::var("RABBITMQ_URL").unwrap_or_else(|_| "amqp://localhost".to_owned());
    let queues = env::args().skip(1).map(Queue::new);
    shared::print(
        "rabbitmq",
        queues.fold(RabbitMq::connect(uri)?, RabbitMq::queue),
    )
    .await
}
