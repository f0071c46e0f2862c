//! The `Accept` header: media ranges and what they include.

/// A media type without parameters: main type and subtype, in lower case.
pub(super) type MediaType = (&'static str, &'static str);

/// One media range of an `Accept` header.
pub(super) struct Range<'a> {
    main: &'a str,
    sub: &'a str,
    parameters: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    /// Reads a whole header; what cannot be read is left out.
    pub(super) fn parse_all(accept: &'a str) -> Vec<Self> {
        accept.split(',').filter_map(Self::parse).collect()
    }

    fn parse(text: &'a str) -> Option<Self> {
        let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
        let (main, sub) = media_type.trim().split_once('/')?;
        if main.is_empty() || sub.is_empty() {
            return None;
        }
        let mut range = Self {
            main,
            sub,
            parameters,
            quality: 1000,
        };
        let quality = range
            .parameter("q")
            .and_then(|value| value.parse::<f32>().ok());
        if let Some(quality) = quality {
            range.quality = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
        }
        Some(range)
    }

    /// Returns the value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let parameters = self
            .parameters
            .split(';')
            .filter_map(|parameter| parameter.split_once('='));
        let mut named = parameters.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }

    /// Tells whether the range means this media type, by name or by a wildcard.
    pub(super) fn includes(&self, (main, sub): MediaType) -> bool {
        let main_fits = self.main == "*" || self.main.eq_ignore_ascii_case(main);
        let sub_fits = match self.sub.strip_prefix("*+") {
            _ if self.sub == "*" => true,
            Some(suffix) => sub
                .rsplit_once('+')
                .is_some_and(|(_, known)| known.eq_ignore_ascii_case(suffix)),
            None => self.main != "*" && self.sub.eq_ignore_ascii_case(sub),
        };
        main_fits && sub_fits
    }

    /// Tells whether the range asks for this media type by its name.
    pub(super) fn names(&self, (main, sub): MediaType) -> bool {
        self.quality > 0
            && self.main.eq_ignore_ascii_case(main)
            && self.sub.eq_ignore_ascii_case(sub)
    }

    /// Returns how well the range is liked, from 0, which refuses, to 1000.
    pub(super) fn quality(&self) -> u16 {
        self.quality
    }

    /// Returns how much the range says, more being more.
    pub(super) fn specificity(&self) -> u8 {
        match (self.main, self.sub) {
            ("*", _) => 0,
            (_, "*") => 1,
            (_, sub) if sub.starts_with("*+") => 2,
            _ => 3,
        }
    }

    /// Returns what decides between ranges, quality before specificity.
    pub(super) fn rank(&self) -> (u16, u8) {
        (self.quality, self.specificity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_whatever_their_order_and_blanks() {
        let cases = [
            ("text/plain", 1000, None),
            ("text/plain;version=1.0.0", 1000, Some("1.0.0")),
            (
                " text/plain ; version = 1.0.0 ; q = 0.5 ",
                500,
                Some("1.0.0"),
            ),
            ("text/plain;Q=0.25;VERSION=x", 250, Some("x")),
            ("text/plain;q=none;version", 1000, None),
            ("text/plain;q=NaN", 0, None),
        ];
        for (text, quality, version) in cases {
            let ranges = Range::parse_all(text);
            let [range] = ranges.as_slice() else {
                panic!("{text}")
            };
            assert_eq!(
                (range.quality(), range.parameter("version")),
                (quality, version),
                "{text}"
            );
        }
    }
}
