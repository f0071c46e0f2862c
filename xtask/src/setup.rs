//! `cargo xtask setup`: installs the programs by which tests look at us from outside.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;

/// A program that tests run, and the Debian package that has it.
struct Program {
    name: &'static str,
    package: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "check_http",
        package: "monitoring-plugins-basic",
    },
    Program {
        name: "curl",
        package: "curl",
    },
    Program {
        name: "dnsmasq",
        package: "dnsmasq-base",
    },
    Program {
        name: "haproxy",
        package: "haproxy",
    },
    Program {
        name: "mariadbd",
        package: "mariadb-server",
    },
    Program {
        name: "nats-server",
        package: "nats-server",
    },
    Program {
        name: "postgres",
        package: "postgresql",
    },
    Program {
        name: "prometheus",
        package: "prometheus",
    },
    Program {
        name: "promtool",
        package: "prometheus",
    },
    Program {
        name: "python3",
        package: "python3-venv",
    },
    Program {
        name: "rabbitmq-server",
        package: "rabbitmq-server",
    },
    Program {
        name: "redis-server",
        package: "redis-server",
    },
    Program {
        name: "setpriv",
        package: "util-linux",
    },
];

/// Where Debian puts programs that are not on everybody's `PATH`.
const MORE_FOLDERS: [&str; 3] = [
    "/usr/sbin",
    "/usr/lib/nagios/plugins",
    "/usr/lib/rabbitmq/bin",
];

/// Where Debian puts the programs of each version of PostgreSQL, below a folder of its number.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// What the virtual environment of the tests holds.
const PYTHON_PACKAGES: [&str; 12] = [
    "aiosmtpd==1.4.6",
    "celery==5.7.0",
    "grpcio==1.85.1",
    "grpcio-health-checking==1.85.1",
    "kombu==5.7.0",
    "moto[server]==5.2.5",
    "openapi-spec-validator==0.9.0",
    "opentelemetry-proto==1.45.2",
    "packaging==26.3",
    "PyYAML==6.0.3",
    "redis==8.1.0",
    "schemathesis==4.32.5",
];

/// Installs what is missing, and nothing where nothing is.
pub(crate) fn run() -> Result<(), Error> {
    install_programs()?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    install_python_packages(&workspace.join("target/test-tools"))
}

fn install_programs() -> Result<(), Error> {
    let missing: Vec<&Program> = PROGRAMS
        .iter()
        .filter(|program| !is_installed(program.name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut packages: Vec<&str> = missing.iter().map(|program| program.package).collect();
    packages.dedup();
    if !is_installed("apt-get") || !is_root() {
        let names: Vec<&str> = missing.iter().map(|program| program.name).collect();
        return Err(Error::Missing {
            programs: names.join(", "),
            command: format!("sudo apt-get install {}", packages.join(" ")),
        });
    }
    println!("installing {}", packages.join(" "));
    call(Command::new("apt-get").args(["update", "--quiet=2"]))?;
    call(
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet=2", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

/// Makes the virtual environment anew when what it shall hold has changed.
fn install_python_packages(tools: &Path) -> Result<(), Error> {
    let wanted = PYTHON_PACKAGES.join("\n");
    let installed = tools.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let venv = tools.join("venv");
    println!(
        "installing {} into {}",
        PYTHON_PACKAGES.join(" "),
        venv.display()
    );
    call(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&venv),
    )?;
    call(
        Command::new(venv.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(PYTHON_PACKAGES),
    )?;
    fs::write(&installed, wanted).map_err(Error::file(installed))
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir(POSTGRES_VERSIONS).into_iter().flatten();
    let folders = env::split_paths(&path)
        .chain(MORE_FOLDERS.map(PathBuf::from))
        .chain(versions.flatten().map(|version| version.path().join("bin")));
    folders
        .map(|folder| folder.join(program))
        .any(|file| file.is_file())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("--user").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

fn call(command: &mut Command) -> Result<(), Error> {
    let line = format!("{command:?}");
    let status = command.stdin(Stdio::null()).status();
    let status = status.map_err(|source| Error::Start {
        command: line.clone(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed {
        command: line,
        status,
        remedy: Some("the tests need it: see what it printed above"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path_only_where_it_is() {
        assert!(is_installed("cargo"));
        assert!(!is_installed("no-program-has-this-name"));
    }
}
