//! Between Rocket's types and those of the core.

use std::io::Cursor;

use health_core::Headers;
use rocket::{
    Response,
    http::{HeaderMap, Status},
};

/// The headers of a request. Rocket has left out the lines that are no UTF-8.
pub(crate) struct RequestHeaders<'a>(pub(crate) &'a HeaderMap<'a>);

impl Headers for RequestHeaders<'_> {
    fn each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        for value in self.0.get(name) {
            f(value.as_bytes());
        }
    }
}

/// Takes the mount point, which Rocket calls `/` where there is none, off a path.
pub(crate) fn below_mount<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    if mount == "/" {
        Some(path)
    } else {
        path.strip_prefix(mount)
    }
}

pub(crate) fn response<'r, B>(answer: http::Response<B>) -> Response<'r>
where
    B: AsRef<[u8]> + Send + Unpin + 'r,
{
    let (parts, body) = answer.into_parts();
    let mut response = Response::build();
    response.status(Status::new(parts.status.as_u16()));
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        response.raw_header_adjoin(name.as_str().to_owned(), value);
    }
    response
        .sized_body(body.as_ref().len(), Cursor::new(body))
        .finalize()
}
