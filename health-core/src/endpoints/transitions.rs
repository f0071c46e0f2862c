//! `/transitions`: the last changes of status, for those who see the details of the whole.

use std::sync::Arc;

use http::StatusCode;
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Reply, Request, negotiation::Format, response};
use crate::{
    Management, Status,
    engine::Transition,
    info::rfc3339,
    wire::{Entries, to_json},
};

/// Tells whether the asker may see the transitions: they name all components, with reasons. For
/// everybody else there is no such endpoint, as with all that is hidden.
pub(super) fn is_shown(management: &Management, request: &Request<'_>) -> bool {
    let shown = management
        .plan()
        .primary
        .visibility
        .for_identity(request.identity);
    shown.components && shown.details
}

pub(super) fn answer(management: &Management, format: Format) -> Reply {
    let transitions = management.last_transitions();
    let lines = || transitions.iter().map(Line).collect::<Vec<_>>();
    let body = to_json(&Entries(|| [("transitions", lines())].into_iter()));
    response::with_body(StatusCode::OK, format.content_type, body).into()
}

struct Line<'a>(&'a Arc<Transition>);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Transition {
            component,
            group,
            from,
            to,
            reason,
            at,
        } = self.0.as_ref();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("at", &rfc3339(*at))?;
        map.serialize_entry("component", component)?;
        if let Some(group) = group {
            map.serialize_entry("group", group)?;
        }
        if let Some(from) = from.as_ref().map(Status::code) {
            map.serialize_entry("from", from)?;
        }
        map.serialize_entry("to", to.code())?;
        if let Some(reason) = reason {
            map.serialize_entry("reason", reason)?;
        }
        map.end()
    }
}
