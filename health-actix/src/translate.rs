//! The core's requests and answers and those of actix-web, which is on another version of `http`.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use health_core::{FormedReply, Headers, Request};

use crate::Endpoints;

impl Endpoints {
    /// Asks the core; the path is as it was sent, without what enclosing scopes took off.
    pub(crate) fn ask(&self, request: &HttpRequest, path: &str) -> FormedReply<Answer> {
        let identity = (self.identify)(request);
        let headers = RequestHeaders(request.headers());
        let plain = Request::new(request.method().as_str(), path, &headers)
            .sent_path(request.uri().path())
            .secure(request.app_config().secure())
            .server(self.server)
            .identity(identity.as_ref());
        self.management.respond(&plain).into_form()
    }
}

/// Answers a request with what the core says.
pub(crate) async fn answer(
    request: ServiceRequest,
    reply: FormedReply<Answer>,
) -> Result<ServiceResponse, Error> {
    request.extensions_mut().insert(Answered);
    let response = reply.await.response(request.method());
    Ok(request.into_response(response))
}

/// The core's answer in the types of actix-web.
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl From<&http::Response<Bytes>> for Answer {
    fn from(answer: &http::Response<Bytes>) -> Self {
        let status = StatusCode::from_u16(answer.status().as_u16());
        let headers = answer.headers().iter().filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        });
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: headers.collect(),
            body: answer.body().clone(),
        }
    }
}

impl Answer {
    fn response(&self, method: &Method) -> HttpResponse {
        let mut response = if method == Method::HEAD && !self.body.is_empty() {
            let mut response = HttpResponse::with_body(self.status, Unsent).map_into_boxed_body();
            response.head_mut().no_chunking(true);
            let length = HeaderValue::from(self.body.len());
            response.headers_mut().insert(CONTENT_LENGTH, length);
            response
        } else {
            HttpResponse::with_body(self.status, self.body.clone()).map_into_boxed_body()
        };
        for (name, value) in &self.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        response
    }
}

/// The body of an answer to `HEAD`. actix-http would leave out any other only where no further
/// request has been read meanwhile; one without a size leaves the length to the header.
struct Unsent;

impl MessageBody for Unsent {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}

/// Stands in the extensions of a request that an endpoint answers.
pub(crate) struct Answered;

struct RequestHeaders<'a>(&'a HeaderMap);

impl Headers for RequestHeaders<'_> {
    fn each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        for value in self.0.get_all(name) {
            f(value.as_bytes());
        }
    }
}
