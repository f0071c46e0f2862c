//! Tests of the endpoints and media types beside Spring's, through the public API.

mod support;

mod discovery;
mod golden;
mod health_json;
mod openapi;
mod plain_text;
mod prometheus;
mod stable_bodies;
mod timings;
mod transitions;
