//! Names of the processor, the operating system and the host, as OpenTelemetry and Go spell them.

use std::env::consts;

use super::{object::Object, source::Source};

/// Names the processor architecture this was compiled for, such as `amd64` or `arm64`.
///
/// Source: OpenTelemetry semantic conventions, `host.arch`.
pub(super) fn arch() -> &'static str {
    otel_arch(consts::ARCH)
}

/// Names the operating system's family, such as `linux`, `darwin` or `windows`.
///
/// Source: OpenTelemetry semantic conventions, `os.type`.
pub(super) fn os_type() -> &'static str {
    otel_os_type(consts::OS)
}

/// Describes the operating system for a reader: the distribution and the kernel,
/// such as `Debian GNU/Linux 12 (bookworm), Linux 6.1.0`.
///
/// Inside a container the distribution is that of the image.
pub(super) fn os_description(source: &Source) -> Option<String> {
    let kernel = kernel_release(source).map(|release| format!("Linux {release}"));
    match (distribution(source), kernel) {
        (Some(distribution), Some(kernel)) => Some(format!("{distribution}, {kernel}")),
        (Some(text), None) | (None, Some(text)) => Some(text),
        (None, None) => source.system.os_description(),
    }
}

/// Names the host as its kernel does, which in a container is the container's host name.
pub(super) fn host_name(source: &Source) -> Option<String> {
    source
        .word("/proc/sys/kernel/hostname")
        .or_else(|| source.system.host_name())
        .or_else(|| source.word("/etc/hostname"))
        .or_else(|| source.first_var(&["HOSTNAME", "COMPUTERNAME"]))
}

/// Gives the members of Spring's `os` contributor: `name`, `version` (on Linux the kernel's
/// release, as Java has it) and `arch` (spelled like `host.arch`).
pub(super) fn os_info(source: &Source) -> Object {
    let mut os = Object::default();
    os.set("name", os_name(consts::OS));
    os.set_some(
        "version",
        kernel_release(source).or_else(|| source.system.os_version()),
    );
    os.set("arch", arch());
    os
}

fn kernel_release(source: &Source) -> Option<String> {
    source.word("/proc/sys/kernel/osrelease")
}

/// Reads `PRETTY_NAME` of os-release, whose values are quoted as in a shell.
///
/// Source: os-release(5).
fn distribution(source: &Source) -> Option<String> {
    let text = source
        .file("/etc/os-release")
        .or_else(|| source.file("/usr/lib/os-release"))?;
    let value = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
    let name = value.trim_matches(['"', '\'']).replace('\\', "");
    let name = name.trim();
    let plausible = !name.is_empty() && name.len() <= 255 && !name.contains(char::is_control);
    plausible.then(|| name.to_owned())
}

fn otel_arch(rust: &'static str) -> &'static str {
    match rust {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "arm32",
        "powerpc" => "ppc32",
        "powerpc64" => "ppc64",
        other => other,
    }
}

fn otel_os_type(rust: &'static str) -> &'static str {
    match rust {
        "macos" | "ios" => "darwin",
        "dragonfly" => "dragonflybsd",
        other => other,
    }
}

fn os_name(rust: &'static str) -> &'static str {
    match rust {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        "freebsd" => "FreeBSD",
        "netbsd" => "NetBSD",
        "openbsd" => "OpenBSD",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::testing::Tree;

    #[test]
    fn spells_architectures_and_systems_as_opentelemetry_does() {
        for (rust, otel) in [
            ("x86_64", "amd64"),
            ("aarch64", "arm64"),
            ("arm", "arm32"),
            ("x86", "x86"),
            ("powerpc", "ppc32"),
            ("powerpc64", "ppc64"),
            ("s390x", "s390x"),
            ("riscv64", "riscv64"),
        ] {
            assert_eq!(otel_arch(rust), otel);
        }
        for (rust, otel) in [
            ("linux", "linux"),
            ("macos", "darwin"),
            ("ios", "darwin"),
            ("windows", "windows"),
            ("dragonfly", "dragonflybsd"),
        ] {
            assert_eq!(otel_os_type(rust), otel);
        }
    }

    #[test]
    fn describes_the_operating_system() {
        let debian = "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        for (name, os_release, kernel, expected) in [
            (
                "both",
                Some(debian),
                Some("6.1.0-18-amd64\n"),
                Some("Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18-amd64"),
            ),
            (
                "an image made from nothing",
                None,
                Some("6.1.0\n"),
                Some("Linux 6.1.0"),
            ),
            (
                "single quotes and an escape",
                Some("PRETTY_NAME='Odd \\$ Linux'"),
                None,
                Some("Odd $ Linux"),
            ),
            ("no quotes", Some("PRETTY_NAME=Void"), None, Some("Void")),
            ("no pretty name", Some("ID=x\n"), None, None),
            ("an empty pretty name", Some("PRETTY_NAME=\"\""), None, None),
            ("nothing", None, None, None),
        ] {
            let tree = Tree::new();
            if let Some(text) = os_release {
                tree.write("/etc/os-release", text);
            }
            if let Some(text) = kernel {
                tree.write("/proc/sys/kernel/osrelease", text);
            }
            let description = os_description(&tree.source());
            assert_eq!(description.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn finds_os_release_where_the_vendor_puts_it() {
        let tree = Tree::new();
        tree.write("/usr/lib/os-release", "PRETTY_NAME=\"Fedora Linux 42\"");
        assert_eq!(
            os_description(&tree.source()).as_deref(),
            Some("Fedora Linux 42")
        );
    }

    #[test]
    fn asks_for_the_host_name_in_order() {
        let tree = Tree::new();
        assert_eq!(host_name(&tree.source()), None);
        let env = [("HOSTNAME", "from-env"), ("COMPUTERNAME", "PC")];
        assert_eq!(
            host_name(&tree.source_with(&env[1..])).as_deref(),
            Some("PC")
        );
        assert_eq!(
            host_name(&tree.source_with(&env)).as_deref(),
            Some("from-env")
        );
        tree.write("/etc/hostname", "from-etc\n");
        assert_eq!(
            host_name(&tree.source_with(&env)).as_deref(),
            Some("from-etc")
        );
        tree.write("/proc/sys/kernel/hostname", "from-kernel\n");
        assert_eq!(
            host_name(&tree.source_with(&env)).as_deref(),
            Some("from-kernel")
        );
    }

    #[test]
    fn gives_springs_os_contributor() {
        let tree = Tree::new();
        tree.write("/proc/sys/kernel/osrelease", "6.1.0\n");
        let expected = format!(
            r#"{{"name":"{}","version":"6.1.0","arch":"{}"}}"#,
            os_name(consts::OS),
            arch()
        );
        assert_eq!(os_info(&tree.source()).to_string(), expected);
    }
}
