//! The conversation with a mail server, up to and without a mail.

mod dialogue;
mod reply;

#[allow(
    unused_imports,
    reason = "a certificate is looked at without authentication"
)]
pub(crate) use self::dialogue::{Dialogue, Offers, own_name};
