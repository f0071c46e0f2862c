use super::*;

#[test]
fn an_error_names_the_place_and_the_remedy_and_no_secret() {
    let check = || Http::new("http://h").unwrap();
    let cases = [
        (
            Http::new("example.com"),
            "HTTP check of `example.com`: there is no scheme; write `http://` or `https://` before it",
        ),
        (
            Http::new("http://u:s3cret@h:x/"),
            "HTTP check of `http://u:******@h:x/`: this is no URL: invalid port number",
        ),
        (
            check().header("a b", "s3cret"),
            "header `a b`: a name may hold letters, digits and `-` only",
        ),
        (
            check().header_auth("token", "s3cret\n".to_owned()),
            "header `token`: the value holds a control character",
        ),
        (
            check().bearer_auth("s3cret\n".to_owned()),
            "header `authorization`: the value holds a control character",
        ),
        (
            check().basic_auth("a:b", "s3cret".to_owned()),
            "basic authentication: the name of a user holds no `:`",
        ),
        (
            check().body("text/plain\n", "s3cret"),
            "header `content-type`: the value holds a control character",
        ),
        (
            check().expect_header("a b", "x"),
            "expected header `a b`: a name may hold letters, digits and `-` only",
        ),
    ];
    for (result, text) in cases {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(format!("{error:?}"), text);
    }
}
