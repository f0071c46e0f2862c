//! The Dockerfile and the Kubernetes manifest say what the program does.

use std::fs;

use super::program::Program;

#[test]
fn the_manifest_has_the_probes_that_the_program_prints() {
    let manifest = read("kubernetes.yaml");
    let grace = value(&manifest, "- { name: DRAIN_GRACE, value: \"");
    let program = Program::start(&["kubernetes-probes", "--drain-grace", &grace]);
    let printed: Vec<String> = std::iter::from_fn(|| program.line()).collect();
    let (drain, probes) = printed.split_last().unwrap();
    assert!(drain.contains(&format!("above the {grace} s")), "{drain}");
    let probes: String = probes
        .iter()
        .map(|line| format!("          {line}\n"))
        .collect();
    assert_eq!(probes.matches("Probe:").count(), 3, "{probes}");
    assert_eq!(
        manifest.matches(&probes).count(),
        2,
        "in both services:\n{probes}"
    );

    // What is under way when the drain is over gets 3 s more.
    let until_killed: u64 = value(&manifest, "terminationGracePeriodSeconds: ")
        .parse()
        .unwrap();
    assert!(
        until_killed > grace.parse::<u64>().unwrap() + 3,
        "{until_killed}"
    );
}

#[test]
fn the_image_runs_the_program_and_asks_it() {
    let dockerfile = read("Dockerfile");
    let package = env!("CARGO_PKG_NAME");
    for service in ["orders", "users"] {
        let healthcheck = format!("CMD [\"/{package}\", \"healthcheck\", \"{service}\"]");
        assert!(dockerfile.contains(&healthcheck), "{healthcheck}");
        assert!(
            dockerfile.contains(&format!("\nCMD [\"{service}\"]")),
            "{service}"
        );
    }
    for needed in [
        format!("cargo build --release --locked -p {package}"),
        format!("/{package} /{package}"),
        format!("ENTRYPOINT [\"/{package}\"]"),
    ] {
        assert!(dockerfile.contains(&needed), "{needed}");
    }
}

fn read(file: &str) -> String {
    fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Returns what stands behind a text on its line, up to a quote.
fn value(manifest: &str, before: &str) -> String {
    let mut lines = manifest.lines();
    let rest = lines.find_map(|line| Some(line.split_once(before)?.1));
    let rest = rest.unwrap_or_else(|| panic!("no `{before}`"));
    rest.split('"').next().unwrap().to_owned()
}
