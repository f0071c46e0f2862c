//! The answer to one request, as the core gives it or in the form that a framework sends.

use std::{
    any::Any,
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;

/// The answer to one request, at once or when the checks have ended.
#[must_use = "a reply does nothing unless it is awaited"]
pub struct Reply(Answer);

enum Answer {
    Now(Option<Response<Bytes>>),
    Prepared(Arc<Prepared>),
    Later(Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>),
}

/// An answer that is sent again and again, and the form that an adapter has given it.
pub(super) struct Prepared {
    response: Response<Bytes>,
    form: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Reply {
    /// Has the answer put into the form in which a framework sends it.
    ///
    /// An answer that is sent again while nothing changes, such as that of liveness, is put into its
    /// form once, and the form is shared by all who get it. That holds for the first form of an
    /// answer; a second adapter of the same process has its own made for each request.
    pub fn into_form<F>(self) -> FormedReply<F>
    where
        F: for<'a> From<&'a Response<Bytes>> + Send + Sync + 'static,
    {
        FormedReply {
            reply: self,
            form: PhantomData,
        }
    }

    /// Makes the answer one that is sent again, if it is there at once.
    pub(super) fn prepare(self) -> (Self, Option<Arc<Prepared>>) {
        match self.0 {
            Answer::Now(Some(response)) => {
                let prepared = Arc::new(Prepared {
                    response,
                    form: OnceLock::new(),
                });
                (Arc::clone(&prepared).into(), Some(prepared))
            }
            answer => (Self(answer), None),
        }
    }

    pub(super) fn later(answer: impl Future<Output = Response<Bytes>> + Send + 'static) -> Self {
        Self(Answer::Later(Box::pin(answer)))
    }
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        Self(Answer::Now(Some(response)))
    }
}

impl From<Arc<Prepared>> for Reply {
    fn from(prepared: Arc<Prepared>) -> Self {
        Self(Answer::Prepared(prepared))
    }
}

impl Future for Reply {
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Answer::Now(response) => match response.take() {
                Some(response) => Poll::Ready(response),
                None => Poll::Pending,
            },
            Answer::Prepared(prepared) => Poll::Ready(prepared.response.clone()),
            Answer::Later(answer) => answer.as_mut().poll(cx),
        }
    }
}

impl Prepared {
    fn form<F>(&self) -> Arc<F>
    where
        F: for<'a> From<&'a Response<Bytes>> + Send + Sync + 'static,
    {
        let make = || Arc::new(F::from(&self.response));
        let first = self.form.get_or_init(|| make());
        Arc::clone(first).downcast().unwrap_or_else(|_| make())
    }
}

/// A [`Reply`] in the form in which a framework sends it; made by [`Reply::into_form`].
#[must_use = "a reply does nothing unless it is awaited"]
pub struct FormedReply<F> {
    reply: Reply,
    form: PhantomData<fn() -> F>,
}

impl<F> Future for FormedReply<F>
where
    F: for<'a> From<&'a Response<Bytes>> + Send + Sync + 'static,
{
    type Output = Arc<F>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Arc<F>> {
        match &self.reply.0 {
            Answer::Prepared(prepared) => Poll::Ready(prepared.form()),
            _ => Pin::new(&mut self.reply)
                .poll(cx)
                .map(|response| Arc::new(F::from(&response))),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

impl<F> fmt::Debug for FormedReply<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormedReply")
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::{LivenessState, Management, Request};

    struct Code(StatusCode);

    impl From<&Response<Bytes>> for Code {
        fn from(answer: &Response<Bytes>) -> Self {
            Self(answer.status())
        }
    }

    struct Length(usize);

    impl From<&Response<Bytes>> for Length {
        fn from(answer: &Response<Bytes>) -> Self {
            Self(answer.body().len())
        }
    }

    fn ask(management: &Management, path: &str) -> Reply {
        management.respond(&Request::new("GET", path, &HeaderMap::new()))
    }

    #[tokio::test]
    async fn a_prepared_answer_is_put_into_its_form_once_until_it_changes() {
        let management = Management::builder("orders").build().unwrap();
        let liveness = || ask(&management, "/z/health/liveness").into_form::<Code>();
        let (first, second) = (liveness().await, liveness().await);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(second.0, StatusCode::OK);

        management
            .availability()
            .set_liveness(LivenessState::Broken);
        assert_eq!(liveness().await.0, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn another_form_is_made_for_each_request() {
        let management = Management::builder("orders").build().unwrap();
        let liveness = || ask(&management, "/z/health/liveness");
        assert_eq!(liveness().into_form::<Code>().await.0, StatusCode::OK);
        let length = liveness().await.body().len();
        for _ in 0..2 {
            assert_eq!(liveness().into_form::<Length>().await.0, length);
        }
        assert!(length > 0);
    }

    #[tokio::test]
    async fn what_is_not_prepared_has_a_form_as_well() {
        let management = Management::builder("orders").build().unwrap();
        for (path, code) in [("/z/health", 200), ("/z/version", 200), ("/none", 404)] {
            let answer = ask(&management, path).into_form::<Code>().await;
            assert_eq!(answer.0, code, "{path}");
        }
    }
}
