//! The core's requests and answers and those of actix-web, which is on another version of `http`.

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header::HeaderMap},
    web::Bytes,
};
use health_core::{Headers, Management, Reply, Request};

use crate::Endpoints;

impl Endpoints {
    /// Asks the core; the path is as it was sent, without what enclosing scopes took off.
    pub(crate) fn ask(&self, request: &HttpRequest, path: &str) -> Reply {
        let identity = (self.identify)(request);
        let headers = RequestHeaders(request.headers());
        let plain = Request::new(request.method().as_str(), path, &headers)
            .sent_path(request.uri().path())
            .secure(request.app_config().secure())
            .server(self.server)
            .identity(identity.as_ref());
        self.management.respond(&plain)
    }
}

/// Answers a request with what the core says.
pub(crate) async fn answer(
    request: ServiceRequest,
    reply: Reply,
) -> Result<ServiceResponse, Error> {
    request.extensions_mut().insert(Answered);
    let (parts, body) = reply.await.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in &parts.headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    Ok(request.into_response(response.body::<Bytes>(body)))
}

/// Tells whether this is the answer of an endpoint that leaves no trace; counts it if so.
pub(crate) fn is_left_out<B>(management: &Management, answer: &ServiceResponse<B>) -> bool {
    let status = answer.status().as_u16().try_into();
    answer.request().extensions().contains::<Answered>()
        && status.is_ok_and(|status| management.no_log().leaves_out(status))
}

/// Stands in the extensions of a request that an endpoint answers.
struct Answered;

struct RequestHeaders<'a>(&'a HeaderMap);

impl Headers for RequestHeaders<'_> {
    fn each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        for value in self.0.get_all(name) {
            f(value.as_bytes());
        }
    }
}
