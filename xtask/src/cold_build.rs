//! `cargo xtask cold-build`: what health-axum adds to the cold build of an axum hello-world.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, io};

use crate::cargo::Cargo;
use crate::error::Error;
use crate::hello_world::HelloWorlds;
use crate::workspace::Workspace;

/// How often both programs are built when the command line does not say.
const DEFAULT_ROUNDS: u32 = 1;

/// Builds both programs from nothing, in debug, by turns, and prints the times and their ratio.
///
/// By turns, so that a machine that slows down meanwhile slows both.
pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
    let rounds = rounds(arguments)?;
    let workspace = Workspace::load()?;
    let hello_worlds = HelloWorlds::write(&workspace)?;
    let target = workspace.target.join("xtask/cold-build");
    for package in [&hello_worlds.plain, &hello_worlds.with_health] {
        Cargo::new(["fetch"]).folder(package).run()?;
    }

    let mut plain = Vec::new();
    let mut with_health = Vec::new();
    for _ in 0..rounds {
        plain.push(cold_build(&hello_worlds.plain, &target)?);
        with_health.push(cold_build(&hello_worlds.with_health, &target)?);
    }
    println!("{}", report(&plain, &with_health));
    Ok(())
}

fn rounds(arguments: &[String]) -> Result<u32, Error> {
    match arguments {
        [] => Ok(DEFAULT_ROUNDS),
        [rounds] => match rounds.parse() {
            Ok(rounds) if rounds > 0 => Ok(rounds),
            _ => Err(Error::Usage(format!(
                "ROUNDS is a whole number from 1, not `{rounds}`"
            ))),
        },
        _ => Err(Error::Usage(format!(
            "`cold-build` takes one number at most, got {arguments:?}"
        ))),
    }
}

/// Builds the package in `folder` into an empty `target`, which is removed again.
fn cold_build(folder: &Path, target: &Path) -> Result<Duration, Error> {
    remove(target)?;
    let start = Instant::now();
    Cargo::new(["build", "--quiet"])
        .folder(folder)
        .env("CARGO_TARGET_DIR", target)
        // A compiler cache would make the build anything but cold; empty switches it off.
        .env("RUSTC_WRAPPER", "")
        .run()?;
    let elapsed = start.elapsed();
    remove(target)?;
    Ok(elapsed)
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(folder)(error)),
        _ => Ok(()),
    }
}

/// Names the time of each round and the ratio of the sums.
fn report(plain: &[Duration], with_health: &[Duration]) -> String {
    let seconds = |times: &[Duration]| {
        times
            .iter()
            .map(|time| format!("{:.1} s", time.as_secs_f64()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let sum = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64();
    format!(
        "axum hello-world:  {}\nwith health-axum:  {}\nratio:             {:.3}",
        seconds(plain),
        seconds(with_health),
        sum(with_health) / sum(plain),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_one_number_from_one() {
        let parse = |arguments: &[&str]| {
            rounds(
                &arguments
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            )
            .ok()
        };
        assert_eq!(parse(&[]), Some(DEFAULT_ROUNDS));
        assert_eq!(parse(&["3"]), Some(3));
        for wrong in [&["0"][..], &["-1"], &["two"], &["1", "2"]] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_ratio_is_of_all_rounds() {
        let plain = [Duration::from_secs(10), Duration::from_secs(30)];
        let with_health = [Duration::from_secs(12), Duration::from_millis(32_500)];
        let report = report(&plain, &with_health);
        assert!(report.contains("12.0 s, 32.5 s"), "{report}");
        assert!(report.ends_with("1.113"), "{report}");
    }
}
