//! The servers, one file each.

pub mod canned;
pub mod celery;
pub mod dns;
pub mod grpc;
pub mod mariadb;
pub mod moto;
pub mod nats;
pub mod otlp;
pub mod postgres;
pub mod python;
pub mod rabbitmq;
pub mod redis;
mod script;
pub mod smtp;
pub mod tls;
pub mod vault;
