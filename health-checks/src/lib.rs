#![doc = include_str!("../README.md")]

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod service_dependency;
#[cfg(feature = "http")]
mod setting_error;
#[cfg(feature = "spring-boot-admin")]
mod spring_boot_admin;
#[cfg(feature = "http")]
mod web;

#[cfg(feature = "http")]
pub use reqwest::Method;

#[cfg(feature = "spring-boot-admin")]
pub use crate::spring_boot_admin::{
    DEFAULT_REGISTRATION_PERIOD, DEFAULT_REGISTRATION_TIMEOUT, Registration, SpringBootAdmin,
};
#[cfg(feature = "http")]
pub use crate::{
    http::{DEFAULT_EXPECTED_STATUS, Http},
    service_dependency::{
        MAX_COMPONENT_DEPTH, PREFERRED_SCHEME_VARIABLE, SCHEME_VARIABLE, ServiceDependency,
    },
    setting_error::SettingError,
    web::{DEFAULT_BODY_LIMIT_BYTES, MAX_REDIRECTS},
};
