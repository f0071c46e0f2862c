//! Which redirects are followed.

use reqwest::{
    Url,
    redirect::{Action, Attempt, Policy},
};

use super::progress::{Progress, current, note_redirect};

/// How many redirects are followed for one check unless [`Redirects`] says otherwise.
pub const MAX_REDIRECTS: usize = 5;

/// Says what becomes of an answer that sends the check elsewhere. None is ever followed from
/// `https` to `http`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirects {
    /// It is the answer: its code counts.
    None,
    /// Up to [`MAX_REDIRECTS`] on the same host, also to another port, so that nothing that is sent
    /// reaches another one.
    #[default]
    SameHost,
    /// So many, to whatever host. A check that sends credentials, a body, or headers beyond those
    /// for language and type does not follow to another host, which would be sent them too.
    Follow(usize),
}

/// Asks the exchange under way.
pub(super) fn policy() -> Policy {
    Policy::custom(|attempt| match current() {
        Some(progress) => decide(&progress, attempt),
        None => attempt.stop(),
    })
}

fn decide(progress: &Progress, attempt: Attempt<'_>) -> Action {
    let limit = match progress.redirects {
        Redirects::None => return attempt.stop(),
        Redirects::SameHost => MAX_REDIRECTS,
        Redirects::Follow(limit) => limit,
    };
    let previous = attempt.previous();
    let refused = match (previous.first(), previous.last()) {
        _ if previous.len() > limit => Some(format!("more than {limit} in a row")),
        (Some(first), Some(from)) => refusal(progress, first, from, attempt.url()),
        _ => None,
    };
    match refused {
        Some(reason) => attempt.error(reason),
        None => {
            note_redirect(attempt.url());
            attempt.follow()
        }
    }
}

fn refusal(progress: &Progress, first: &Url, from: &Url, to: &Url) -> Option<String> {
    if from.scheme() == "https" && to.scheme() != "https" {
        return Some("it leads from https to http".to_owned());
    }
    if first.host() == to.host() {
        return None;
    }
    let host = to.host_str().unwrap_or_default();
    if progress.redirects == Redirects::SameHost {
        return Some(format!(
            "it leads to another host, {host}: check that one by its own URL"
        ));
    }
    progress.is_confidential.then(|| {
        format!(
            "it leads to another host, {host}, which would be sent credentials, headers or the body"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_host_and_never_lose_tls() {
        use Redirects::{Follow, SameHost};
        let open = "https://other/";
        let cases = [
            ("path", SameHost, false, "http://h/a", "http://h/b", None),
            ("port", SameHost, true, "http://h:1/", "http://h:2/", None),
            ("to TLS", SameHost, false, "http://h/", "https://h/", None),
            (
                "from TLS",
                SameHost,
                false,
                "https://h/",
                "http://h/",
                Some("https to http"),
            ),
            (
                "from TLS, any",
                Follow(9),
                false,
                "https://h/",
                "http://h/",
                Some("https to http"),
            ),
            (
                "host",
                SameHost,
                false,
                "https://h/",
                "https://evil/",
                Some("host, evil: check"),
            ),
            (
                "address",
                SameHost,
                false,
                "http://h/",
                "http://169.254.169.254/",
                Some("169.254"),
            ),
            ("any host", Follow(9), false, "https://h/", open, None),
            (
                "any host, secrets",
                Follow(9),
                true,
                "https://h/",
                open,
                Some("would be sent"),
            ),
        ];
        for (name, redirects, is_confidential, from, to, reason) in cases {
            let [from, to] = [from, to].map(|url| Url::parse(url).unwrap());
            let progress = Progress::new(redirects, is_confidential);
            let refused = refusal(&progress, &from, &from, &to);
            match reason {
                None => assert_eq!(refused, None, "{name}"),
                Some(reason) => assert!(refused.unwrap().contains(reason), "{name}"),
            }
        }
    }
}
