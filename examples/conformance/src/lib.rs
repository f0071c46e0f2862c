#![doc = include_str!("../README.md")]

mod application;
mod control;
mod fixture;
mod pages;
mod runs;
mod scripted;
mod server;
mod users;

pub use crate::{
    application::Application,
    fixture::{Fixture, parse},
    server::{Framework, Logging, Running, init_logging, start},
};
