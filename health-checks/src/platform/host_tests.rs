use super::*;

fn read(text: &str) -> Result<String, HostError> {
    let hosts = list(text, Some(5432))?;
    let hosts: Vec<String> = hosts.iter().map(Host::to_string).collect();
    Ok(hosts.join(" "))
}

#[test]
fn reads_hosts() {
    let cases = [
        ("name", "db", "db:5432"),
        ("name and port", "db:6432", "db:6432"),
        ("empty port", "db:", "db:5432"),
        ("case", "DB.Example.COM", "db.example.com:5432"),
        ("underscore", "my_db", "my_db:5432"),
        ("several", "a,b:1,c", "a:5432 b:1 c:5432"),
        ("blanks and empty entries", " a ,, b,", "a:5432 b:5432"),
        ("IPv4", "10.1.0.1:1", "10.1.0.1:1"),
        ("IPv6", "[2001:db8::1]:1", "[2001:db8::1]:1"),
        ("IPv6, no port", "[::1]", "[::1]:5432"),
        ("IPv6, empty port", "[::1]:", "[::1]:5432"),
        ("bare IPv6", "2001:db8::1", "[2001:db8::1]:5432"),
        (
            "bare IPv6 with the usual port",
            "2001:db8::1:5432",
            "[2001:db8::1]:5432",
        ),
        (
            "bare IPv6 that ends like a port",
            "2001:db8::1:6432",
            "[2001:db8::1:6432]:5432",
        ),
        (
            "bare full IPv6 with a port",
            "1:2:3:4:5:6:7:8:6432",
            "[1:2:3:4:5:6:7:8]:6432",
        ),
        ("zone", "[fe80::1%25eth0]:1", "[fe80::1%eth0]:1"),
        ("socket", "%2Fvar%2Frun", "/var/run"),
        ("socket as it is", "/var/run", "/var/run"),
        ("international", "bücher.example", "bücher.example:5432"),
        ("nothing", "", ""),
    ];
    for (name, text, expected) in cases {
        assert_eq!(read(text).as_deref(), Ok(expected), "{name}");
    }
}

#[test]
fn says_what_is_wrong_with_hosts() {
    let cases = [
        ("port zero", "h:0", HostError::Port),
        ("port too large", "h:65536", HostError::Port),
        ("sign", "h:+1", HostError::Port),
        ("word", "h:x", HostError::Port),
        ("blank", "h :1", HostError::Name),
        ("no name", ":1", HostError::Name),
        ("open bracket", "[::1", HostError::Name),
        ("after the bracket", "[::1]x", HostError::Name),
        ("name in brackets", "[db]]:1", HostError::Name),
        ("no IPv6", "a:b:1", HostError::Port),
        ("at sign", "a@b", HostError::Name),
        ("one of several", "a,b:x", HostError::Port),
    ];
    for (name, text, expected) in cases {
        assert_eq!(read(text), Err(expected), "{name}");
    }
    let many: Vec<_> = (0..=MAX_HOSTS).map(|number| format!("h{number}")).collect();
    assert_eq!(read(&many.join(",")), Err(HostError::TooMany));
    assert_eq!(read(&"h,".repeat(MAX_HOSTS + 1)), Ok("h:5432".to_owned()));
    assert_eq!(read(&"h".repeat(MAX_NAME_BYTES + 1)), Err(HostError::Name));
}
