//! Cases of the command line's redaction.

use std::ffi::OsString;

use super::*;

fn shown(args: &[&str]) -> String {
    let args: Vec<_> = args.iter().map(OsString::from).collect();
    redacted(&args)
}

#[test]
fn hides_values_attached_to_a_secret_name() {
    for (arg, expected) in [
        ("--password=hunter2", "--password=******"),
        ("--password=", "--password=******"),
        ("--password=a=b:c@d&e", "--password=******"),
        ("--DB-PASSWORD=hunter2", "--DB-PASSWORD=******"),
        ("-Dapi.key=hunter2", "-Dapi.key=******"),
        (
            "-Dspring.datasource.password=hunter2",
            "-Dspring.datasource.password=******",
        ),
        ("TOKEN=hunter2", "TOKEN=******"),
        ("PGPASSWORD=hunter2", "PGPASSWORD=******"),
        ("secret=hunter2", "secret=******"),
        ("/token:hunter2", "/token:******"),
        ("--private-key=MIIE", "--private-key=******"),
        ("--basic-auth=u:p", "--basic-auth=******"),
        ("Authorization: Bearer hunter2", "Authorization: ******"),
        ("--header=X-Api-Key: hunter2", "--header=X-Api-Key: ******"),
        ("--set=db.password=hunter2,x=1", "--set=db.password=******"),
        ("--opt=token = hunter2", "--opt=token = ******"),
        ("password=größe", "password=******"),
        ("größe-password=x", "größe-password=******"),
    ] {
        assert_eq!(shown(&["app", arg]), format!("app {expected}"));
    }
}

#[test]
fn hides_values_within_text() {
    for (arg, expected) in [
        (
            "host=h user=u password=hunter2 dbname=d",
            "host=h user=u password=******",
        ),
        (
            "Server=h;Password=hunter2;Database=d",
            "Server=h;Password=******",
        ),
        (
            r#"{"user":"u","password":"hunter2"}"#,
            r#"{"user":"u","password":******"#,
        ),
        (
            r#"{"db": {"api_key" : "hunter2"}}"#,
            r#"{"db": {"api_key" : ******"#,
        ),
        (
            "jdbc:sqlserver://h:1433;user=u;password=hunter2",
            "jdbc:sqlserver://h:1433;user=u;password=******",
        ),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
            "******",
        ),
        ("--pem=-----BEGIN EC PRIVATE KEY-----\nMIIE", "******"),
    ] {
        assert_eq!(shown(&["app", arg]), format!("app {expected}"));
    }
}

#[test]
fn hides_the_argument_after_a_secret_name() {
    for (args, expected) in [
        (
            &["--password", "hunter2", "--port", "80"][..],
            "--password ****** --port 80",
        ),
        (&["--db-password", "hunter2"], "--db-password ******"),
        (&["--token", "hunter2", "serve"], "--token ****** serve"),
        (&["--token", ""], "--token ******"),
        (&["--token", "http://h/a b"], "--token ******"),
        (&["-token", "hunter2"], "-token ******"),
        (&["--apiKey", "hunter2"], "--apiKey ******"),
        (&["set", "password", "hunter2"], "set password ******"),
        (&["--password"], "--password"),
        (&["--password", "-hunter2", "x"], "--password ****** x"),
        (
            &["--auth", "--db-password", "hunter2", "x"],
            "--auth ****** ****** x",
        ),
        (&["--password", "password", "x"], "--password ****** x"),
        (&["--password=hunter2", "x"], "--password=****** x"),
        (
            &["-H", "X-Auth-Token: hunter2", "x"],
            "-H X-Auth-Token: ****** x",
        ),
    ] {
        let args = [&["app"][..], args].concat();
        assert_eq!(shown(&args), format!("app {expected}"));
    }
}

#[test]
fn hides_short_options_that_often_carry_a_password() {
    for (args, expected) in [
        (&["-p", "hunter2", "x"][..], "-p ****** x"),
        (&["-p", "8080"], "-p ******"),
        (&["-phunter2"], "-p******"),
        (&["-pMySecretPass1"], "-p******"),
        (&["-password", "hunter2"], "-p****** ******"),
        (&["-password=hunter2"], "-p******"),
        (&["-p"], "-p"),
        (&["-u", "root:hunter2", "x"], "-u root:****** x"),
        (&["-u", "root", "x"], "-u root x"),
        (&["-u", "-p", "hunter2"], "-u -p ******"),
        (&["-uroot:hunter2"], "-uroot:******"),
        (&["--user", "root:hun:ter2"], "--user root:******"),
        (&["--user=root:hunter2"], "--user=root:******"),
        (&["--user", "1000"], "--user 1000"),
        (&["-P", "8080"], "-P 8080"),
    ] {
        let args = [&["app"][..], args].concat();
        assert_eq!(shown(&args), format!("app {expected}"));
    }
}

#[test]
fn hides_passwords_of_urls_and_dsns() {
    for (arg, expected) in [
        ("postgres://u:p@h/db", "postgres://u:******@h/db"),
        (
            "--db=postgres://u:p@h:5432/db",
            "--db=postgres://u:******@h:5432/db",
        ),
        (
            "DATABASE_URL=postgres://u:p@h/db",
            "DATABASE_URL=postgres://u:******@h/db",
        ),
        ("postgres://u:p@ss@h/db", "postgres://u:******@h/db"),
        ("postgres://u:p:ss@h/db", "postgres://u:******@h/db"),
        ("postgres://u:p/ss@h/db", "postgres://u:******@h/db"),
        ("postgres://u:p@s/s:x?y#z@h/db", "postgres://u:******@h/db"),
        ("postgres://u:p w@h/db", "postgres://u:******@h/db"),
        ("postgres://u:@h/db", "postgres://u:******@h/db"),
        ("redis://:hunter2@h:6379/0", "redis://:******@h:6379/0"),
        (
            "mongodb+srv://u:p@a,b/db?w=1",
            "mongodb+srv://u:******@a,b/db?w=1",
        ),
        ("jdbc:mysql://u:p@h/db", "jdbc:mysql://u:******@h/db"),
        ("amqp://u:p@a,amqp://v:q@b", "amqp://u:******@b"),
        ("u:p@tcp(h:3306)/db", "u:******@tcp(h:3306)/db"),
        (
            "u:p@tcp(h)/db?next=http://y",
            "u:******@tcp(h)/db?next=http://y",
        ),
        ("postgres://u@h/db", "postgres://******@h/db"),
        ("ssh://git@h/x", "ssh://******@h/x"),
        ("git@h:x", "git@h:x"),
        ("https://ghp_hunter2@h/x", "https://******@h/x"),
        ("https://h/@scope/x", "https://h/@scope/x"),
        ("https://h:8443/x", "https://h:8443/x"),
        (
            "postgres://u:p@h/db?password=q&x=1",
            "postgres://u:******@h/db?password=******&x=1",
        ),
    ] {
        assert_eq!(shown(&["app", arg]), format!("app {expected}"));
    }
}

#[test]
fn hides_secret_parameters_of_urls() {
    for (arg, expected) in [
        ("https://h/x?token=hunter2", "https://h/x?token=******"),
        (
            "https://h/x?token=hunter2&a=1",
            "https://h/x?token=******&a=1",
        ),
        (
            "https://h/x?a=1&api_key=hunter2&b=2#f",
            "https://h/x?a=1&api_key=******&b=2#f",
        ),
        (
            "https://h/x?a=1&sig=p&secret=q",
            "https://h/x?a=1&sig=******&secret=******",
        ),
        (
            "https://h/x#access_token=hunter2&a=1",
            "https://h/x#access_token=******&a=1",
        ),
        ("https://h/x?token=a:b&c=1", "https://h/x?token=******&c=1"),
        (
            "--url=https://h/x?token=hunter2&a=1",
            "--url=https://h/x?token=******&a=1",
        ),
        ("--password=https://h/x?a=1&b=2", "--password=******"),
        ("https://auth:8080/x?a=1", "https://auth:8080/x?a=1"),
        ("amqp://u:p@auth:5672", "amqp://u:******@auth:5672"),
        ("https://auth:hunter2", "https://auth:******"),
        ("https://auth:8hunter2", "https://auth:******"),
        ("https://auth:80", "https://auth:80"),
    ] {
        assert_eq!(shown(&["app", arg]), format!("app {expected}"));
    }
}

#[test]
fn shows_everything_else() {
    for args in [
        &["app"][..],
        &["app", "serve", "--port", "8080", "--bind=0.0.0.0:80", "-v"],
        &[
            "app",
            "--config",
            "/etc/app/app.toml",
            "--log=info,hyper=warn",
        ],
        &["app", "--author", "Jane", "--profile=prod", "--", "x"],
        &["/opt/token-service/bin/password", "serve"],
        &["token-service", "serve"],
        &["C:\\Program Files\\app.exe", "/log:verbose"],
        &["app", "", "ä=ö:ü"],
    ] {
        assert_eq!(shown(args), args.join(" "));
    }
    assert_eq!(redacted(&[]), "");
}

#[test]
fn cuts_a_long_command_line_between_characters_and_after_hiding() {
    let long = "ä".repeat(MAX_SHOWN_BYTES);
    let text = shown(&["app", "--token", &long, "x"]);
    assert_eq!(text, "app --token ****** x");

    let text = shown(&["ap", &long]);
    assert!(text.ends_with("ä..."));
    assert_eq!(text.len(), MAX_SHOWN_BYTES - 1 + "...".len());
    let exact = "a".repeat(MAX_SHOWN_BYTES);
    assert_eq!(shown(&[&exact]), exact);
}

#[test]
fn copes_with_hostile_arguments() {
    for unit in ["=", ":", "://", "?", "&token=", "\"", "@", "a=b&"] {
        let hostile = format!("https://h?{}", unit.repeat(128 * 1024 / unit.len()));
        assert!(shown(&["app", &hostile]).len() <= MAX_SHOWN_BYTES + "...".len());
    }
}

#[cfg(unix)]
#[test]
fn copes_with_arguments_that_are_not_utf8() {
    use std::os::unix::ffi::OsStringExt;

    let raw = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    for (args, expected) in [
        (vec![raw(b"app"), raw(b"\xff\xfe")], "app \u{fffd}\u{fffd}"),
        (
            vec![raw(b"app"), raw(b"--password=\xff")],
            "app --password=******",
        ),
        (
            vec![raw(b"app"), raw(b"--pass\xffword"), raw(b"hunter2")],
            "app --pass\u{fffd}word ******",
        ),
        (
            vec![raw(b"app"), raw(b"pg://u\xff:p\xff@h")],
            "app pg://u\u{fffd}:******@h",
        ),
    ] {
        assert_eq!(redacted(&args), expected);
    }
}
