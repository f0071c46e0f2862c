#![doc = include_str!("../README.md")]

#[cfg(feature = "_aws")]
#[cfg_attr(
    not(all(feature = "aws-ec2", feature = "s3")),
    allow(dead_code, reason = "one asks by forms and the other by URLs")
)]
mod aws;
#[cfg(feature = "aws-ec2")]
mod aws_ec2;
#[cfg(feature = "celery")]
mod celery;
#[cfg(all(
    feature = "command",
    any(target_os = "freebsd", target_os = "linux", target_os = "macos")
))]
mod command;
#[cfg(feature = "deadpool-postgres")]
mod deadpool_postgres;
#[cfg(feature = "disk-space")]
mod disk_space;
#[cfg(feature = "dns")]
mod dns;
#[cfg(feature = "file")]
mod file;
#[cfg(feature = "file-descriptors")]
mod file_descriptors;
#[cfg(feature = "_flight")]
mod flight;
#[cfg(feature = "grpc")]
mod grpc;
#[cfg(feature = "heartbeat")]
mod heartbeat;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "last-run")]
mod last_run;
#[cfg(feature = "load-average")]
mod load_average;
#[cfg(any(feature = "smtp", feature = "tls-certificate"))]
#[allow(
    dead_code,
    reason = "a certificate is looked at without authentication"
)]
mod mail;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "migration-gate")]
mod migration_gate;
#[cfg(feature = "migrations")]
mod migrations;
mod millis;
#[cfg(feature = "mongodb")]
mod mongodb;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "_net")]
mod net;
#[cfg(feature = "_time")]
mod patience;
#[cfg(feature = "platform")]
pub mod platform;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "http")]
mod service_dependency;
mod setting_error;
#[cfg(feature = "smtp")]
mod smtp;
#[cfg(feature = "smtp-lettre")]
mod smtp_transport;
#[cfg(feature = "spring-boot-admin")]
mod spring_boot_admin;
#[cfg(feature = "_sql")]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "tcp")]
mod tcp;
#[cfg(feature = "telemetry")]
mod telemetry;
#[cfg(feature = "_tls")]
mod tls;
#[cfg(feature = "tls-certificate")]
mod tls_certificate;
#[cfg(feature = "vault")]
mod vault;
#[cfg(feature = "_web")]
#[cfg_attr(
    not(feature = "http"),
    allow(
        dead_code,
        unused_imports,
        reason = "not each check over HTTP needs all of it"
    )
)]
mod web;

#[cfg(feature = "http")]
pub use reqwest::Method;

#[cfg(all(
    feature = "command",
    any(target_os = "freebsd", target_os = "linux", target_os = "macos")
))]
pub use crate::command::{Command, DEFAULT_COMMAND_MEMORY_LIMIT_BYTES, DEFAULT_OUTPUT_LIMIT_BYTES};
#[cfg(feature = "disk-space")]
pub use crate::disk_space::{
    DEFAULT_DISK_THRESHOLD_BYTES, DEFAULT_INODE_THRESHOLD_PERCENT, DiskSpace,
};
#[cfg(feature = "file")]
pub use crate::file::{FILE_FUTURE_TOLERANCE, File, FileKind, MAX_FOLDER_ENTRIES};
#[cfg(feature = "file-descriptors")]
pub use crate::file_descriptors::{DEFAULT_DESCRIPTORS_THRESHOLD_PERCENT, FileDescriptors};
#[cfg(feature = "heartbeat")]
pub use crate::heartbeat::{Beat, Heartbeat};
#[cfg(feature = "last-run")]
pub use crate::last_run::{DEFAULT_FAILURES_UNTIL_DOWN, LastRun, Run, Runs};
#[cfg(feature = "load-average")]
pub use crate::load_average::{DEFAULT_LOAD_PER_CPU, DEFAULT_LOAD_WINDOW, LoadAverage, LoadWindow};
#[cfg(feature = "memory")]
pub use crate::memory::{DEFAULT_MEMORY_THRESHOLD_PERCENT, Memory};

#[cfg(feature = "_aws")]
pub use crate::aws::AwsCredentials;
#[cfg(feature = "aws-ec2")]
pub use crate::aws_ec2::Ec2Instances;
#[cfg(feature = "celery")]
pub use crate::celery::{CELERY_ANSWER_WINDOW, Celery, DEFAULT_CONTROL_EXCHANGE};
#[cfg(feature = "deadpool-postgres")]
pub use crate::deadpool_postgres::DeadpoolPostgres;
#[cfg(feature = "dns")]
pub use crate::dns::{Dns, DnsRecord};
#[cfg(feature = "grpc")]
pub use crate::grpc::Grpc;
#[cfg(feature = "http-regex")]
pub use crate::http::MAX_PATTERN_BYTES;
#[cfg(feature = "http-jsonpath")]
pub use crate::http::{JsonIs, JsonType};
#[cfg(all(feature = "migration-gate", feature = "mysql"))]
pub use crate::migration_gate::MySqlLock;
#[cfg(all(feature = "migration-gate", feature = "postgres"))]
pub use crate::migration_gate::PostgresLock;
#[cfg(feature = "migration-gate")]
pub use crate::migration_gate::{
    DEFAULT_MIGRATION_DEADLINE, DEFAULT_MIGRATION_RETRY, HeldLock, MigrationGate, MigrationLock,
    MigrationState,
};
#[cfg(feature = "migrations")]
pub use crate::migrations::{Migrations, PENDING_MIGRATIONS_STATUS};
#[cfg(feature = "mongodb")]
pub use crate::mongodb::{MAX_SHOWN_DATABASES, MONGODB_SELECTION_TIMEOUT, MongoDb};
#[cfg(feature = "mysql")]
pub use crate::mysql::MySql;
#[cfg(feature = "nats")]
pub use crate::nats::Nats;
#[cfg(feature = "postgres")]
pub use crate::postgres::Postgres;
#[cfg(feature = "rabbitmq")]
pub use crate::rabbitmq::{MAX_REFUSAL_PAUSE, Queue, RabbitMq};
#[cfg(feature = "redis")]
pub use crate::redis::{Redis, RedisConnection};
#[cfg(feature = "s3")]
pub use crate::s3::S3Bucket;
pub use crate::setting_error::SettingError;
#[cfg(feature = "smtp")]
pub use crate::smtp::{DEFAULT_SMTP_PORT, Smtp};
#[cfg(feature = "smtp-lettre")]
pub use crate::smtp_transport::SmtpTransport;
#[cfg(feature = "spring-boot-admin")]
pub use crate::spring_boot_admin::{
    DEFAULT_REGISTRATION_PERIOD, DEFAULT_REGISTRATION_TIMEOUT, Registration, SpringBootAdmin,
};
#[cfg(feature = "_role")]
pub use crate::sql::REPLICA_STATUS;
#[cfg(feature = "_sql")]
pub use crate::sql::{ACQUIRE_SHARE_PERCENT, EXHAUSTED_POOL_STATUS};
#[cfg(feature = "sqlite")]
pub use crate::sqlite::Sqlite;
#[cfg(feature = "tcp")]
pub use crate::tcp::{DEFAULT_READ_LIMIT_BYTES, Tcp};
#[cfg(feature = "telemetry")]
pub use crate::telemetry::{DEFAULT_LOG_FILTER, FLUSH_TIMEOUT, Telemetry, TelemetryGuard};
#[cfg(feature = "_tls")]
pub use crate::tls::Tls;
#[cfg(feature = "tls-certificate")]
pub use crate::tls_certificate::{DEFAULT_MIN_DAYS_LEFT, DEFAULT_TLS_PORT, TlsCertificate};
#[cfg(feature = "vault")]
pub use crate::vault::Vault;
#[cfg(feature = "_web")]
pub use crate::web::{DEFAULT_BODY_LIMIT_BYTES, MAX_REDIRECTS, Redirects};
#[cfg(feature = "http")]
pub use crate::{
    http::{DEFAULT_EXPECTED_STATUS, Http, MAX_FOUND_CHARS},
    service_dependency::{
        MAX_COMPONENT_DEPTH, PREFERRED_SCHEME_VARIABLE, SCHEME_VARIABLE, ServiceDependency,
    },
};
