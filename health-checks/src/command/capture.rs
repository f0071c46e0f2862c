//! What a program prints, up to a limit.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, ReadBuf};

use super::secrets::Secrets;

const PIECE_BYTES: usize = 4 * 1024;

/// Reads an output to its end and keeps its beginning.
pub(super) struct Capture<R> {
    from: R,
    kept: Vec<u8>,
    /// How much is kept.
    limit: usize,
    /// How much is kept beyond, so that a secret which begins before the limit is there as a whole.
    spare: usize,
    is_longer: bool,
    is_over: bool,
}

/// What was printed, with nothing secret in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) text: String,
    pub(super) is_truncated: bool,
}

impl<R: AsyncRead + Unpin> Capture<R> {
    pub(super) fn new(from: R, limit: usize, secrets: &Secrets) -> Self {
        Self {
            from,
            kept: Vec::new(),
            limit,
            spare: secrets.longest(),
            is_longer: false,
            is_over: false,
        }
    }

    /// Reads what there is; ready at the end of the output. One that breaks off is over too.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut piece = [0; PIECE_BYTES];
        while !self.is_over {
            let mut buffer = ReadBuf::new(&mut piece);
            let read = Pin::new(&mut self.from).poll_read(context, &mut buffer);
            match read {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.keep(buffer.filled()),
                Poll::Ready(_) => self.is_over = true,
            }
        }
        Poll::Ready(())
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = self
            .limit
            .saturating_add(self.spare)
            .saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&piece[..piece.len().min(room)]);
        self.is_longer |= piece.len() > room;
    }

    /// Returns what was kept. Bytes that are no text are replaced, and white space at the end is cut.
    pub(super) fn printed(self, secrets: &Secrets) -> Printed {
        let is_truncated = self.is_longer || self.kept.len() > self.limit;
        let mut text = secrets.hide(String::from_utf8_lossy(&self.kept).into_owned());
        if is_truncated {
            text.truncate(text.floor_char_boundary(self.limit));
        }
        text.truncate(text.trim_end().len());
        Printed { text, is_truncated }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use health_core::Secret;

    use super::*;

    fn capture(printed: &[u8], limit: usize, secret: &str) -> Printed {
        let mut secrets = Secrets::default();
        secrets.add(Secret::new(secret.to_owned()));
        let mut capture = Capture::new(printed, limit, &secrets);
        let mut context = Context::from_waker(Waker::noop());
        assert!(capture.poll(&mut context).is_ready());
        capture.printed(&secrets)
    }

    #[test]
    fn the_beginning_is_kept_and_no_part_of_a_secret() {
        let cases: [(&str, &[u8], usize, &str, bool); 9] = [
            ("nothing", b"", 5, "", false),
            ("all", b"hello \n\n", 8, "hello", false),
            ("as much as may be", b"hello", 5, "hello", false),
            ("one more", b"hello!", 5, "hello", true),
            ("no text", b"a\xff\xfeb", 8, "a\u{fffd}\u{fffd}b", false),
            ("half a letter", "a\u{e9}".as_bytes(), 2, "a", true),
            ("secret", b"a s3cret b", 20, "a ****** b", false),
            ("secret across the limit", b"ab s3cret", 5, "ab **", true),
            ("nothing may be kept", b"hello", 0, "", true),
        ];
        for (name, printed, limit, text, is_truncated) in cases {
            let text = text.to_owned();
            let expected = Printed { text, is_truncated };
            assert_eq!(capture(printed, limit, "s3cret"), expected, "{name}");
        }
    }

    #[test]
    fn a_flood_is_read_to_its_end_and_not_kept() {
        let flood = vec![b'y'; 1_000_000];
        let mut capture = Capture::new(flood.as_slice(), 100, &Secrets::default());
        assert!(
            capture
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready()
        );
        assert!(capture.kept.len() == 100 && capture.kept.capacity() <= 2 * PIECE_BYTES);
        assert!(capture.from.is_empty());
    }

    #[test]
    fn a_secret_within_another_and_an_empty_one_do_no_harm() {
        let mut secrets = Secrets::default();
        for secret in ["", "cret", "s3cret-long"] {
            secrets.add(Secret::new(secret.to_owned()));
        }
        assert_eq!(
            secrets.hide("x s3cret-long y cret".to_owned()),
            "x ****** y ******"
        );
    }
}
