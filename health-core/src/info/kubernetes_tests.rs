//! Cases of pod, container and namespace.

use super::*;
use crate::info::testing::Tree;

const IN_CLUSTER: (&str, &str) = ("KUBERNETES_SERVICE_HOST", "10.96.0.1");

fn pod(host_name: &str, vars: &[(&str, &str)]) -> Option<String> {
    let source = Tree::new().source_with(vars);
    pod_name(&source, &OtelEnv::read(&source), Some(host_name))
}

#[test]
fn knows_names_that_controllers_make() {
    for name in [
        "fooservice-b55497fc6-x9f56",
        "my-user-service-7d9c5b8f4-x9f56",
        "my-user-service-7d9c5b8f4c-x9f56",
        "a-5d-x9f56",
        "web-6-zzzzz",
        "postgres-0",
        "postgres-ha-12",
        "0-0",
        "node-exporter-x9f56",
        "backup-28765432-x9f56",
        "backup-28765432-3-x9f56",
        "web.v1-5d9c8b7f6-x9f56",
    ] {
        assert!(is_pod_name(name), "{name}");
        assert_eq!(pod(name, &[IN_CLUSTER]).as_deref(), Some(name));
        assert_eq!(pod(name, &[]), None, "{name} outside a cluster");
    }
    // 58 characters of a long name and a suffix, for which no hyphen is left.
    let long = format!("{}x9f56", "a".repeat(58));
    assert!(is_pod_name(&long));
    assert!(!is_pod_name(&long[1..]));
    assert!(!is_pod_name(&format!("a{long}")));
}

#[test]
fn leaves_other_names_alone() {
    for name in [
        "generic-hostname",
        "localhost",
        "x9f56",
        "",
        "-x9f56",
        "-0",
        "web-",
        "web-x9f5",
        "web-x9f567",
        "web-a9f56",
        "web-x9f50",
        "web-x9f5y",
        "web-01",
        "web-+1",
        "web-99999999999",
        "Web-0",
        "web_x-0",
        "größe-0",
        "ip-10-0-1-23.ec2.internal",
        "aks-nodepool1-12345678-vmss00000a",
        "3f0a5b1c9d8e",
    ] {
        assert!(!is_pod_name(name), "{name}");
        assert_eq!(pod(name, &[IN_CLUSTER]), None, "{name}");
    }
}

#[test]
fn tells_the_host_of_an_indexed_job_from_its_pod() {
    let index = ("JOB_COMPLETION_INDEX", "3");
    assert_eq!(pod("import-3", &[IN_CLUSTER, index]), None);
    for name in ["import-3-x9f56", "postgres-0"] {
        assert_eq!(pod(name, &[IN_CLUSTER, index]).as_deref(), Some(name));
    }
}

type Ask = fn(&Source, &OtelEnv) -> Option<String>;

/// How each is asked for, the variables it is read from, and what is found without any in a tree
/// made by [`cluster_tree`].
fn questions() -> [(Ask, &'static str, &'static [&'static str], &'static str); 3] {
    let pod: Ask = |source, otel| pod_name(source, otel, Some("web-0"));
    [
        (pod, "k8s.pod.name", &POD_VARS, "web-0"),
        (container_name, "k8s.container.name", &CONTAINER_VARS, "app"),
        (
            namespace_name,
            "k8s.namespace.name",
            &NAMESPACE_VARS,
            "shop",
        ),
    ]
}

fn cluster_tree() -> Tree {
    let tree = Tree::new();
    tree.write(NAMESPACE_FILE, "shop\n");
    tree.write(
        "/proc/self/mountinfo",
        "3419 3098 253:0 /var/lib/kubelet/pods/f2c26abd-d7b4-4c07-9067-7fc2b72f89cb/containers/app/92ef860a \
         /dev/termination-log rw - ext4 /dev/vda rw\n",
    );
    tree
}

#[test]
fn asks_the_environment_first() {
    let tree = cluster_tree();
    for (ask, attribute, vars, last) in questions() {
        let otel = format!("{attribute}=from-otel");
        let all: Vec<_> = [("OTEL_RESOURCE_ATTRIBUTES", otel.as_str())]
            .into_iter()
            .chain(vars.iter().map(|name| (*name, *name)))
            .collect();
        // With the first few taken away, the next one counts.
        for taken in 0..=all.len() {
            let mut env = all[taken..].to_vec();
            env.push(IN_CLUSTER);
            let expected = match taken {
                0 => "from-otel",
                _ => all.get(taken).map_or(last, |(name, _)| name),
            };
            let source = tree.source_with(&env);
            let answer = ask(&source, &OtelEnv::read(&source));
            assert_eq!(answer.as_deref(), Some(expected), "{attribute}, {taken}");
        }
    }
}

#[test]
fn counts_variables_of_wider_use_in_a_cluster_only() {
    for (ask, attribute, vars, _) in questions() {
        for name in vars {
            let source = Tree::new().source_with(&[(name, "x")]);
            let answer = ask(&source, &OtelEnv::default());
            let expected = match *name {
                "CONTAINER_NAME" | "NAMESPACE" => None,
                _ => Some("x"),
            };
            assert_eq!(answer.as_deref(), expected, "{attribute} from {name}");
        }
    }
}

#[test]
fn knows_nothing_outside_a_cluster() {
    for (ask, attribute, vars, _) in questions() {
        let empty: Vec<_> = vars.iter().map(|name| (*name, " ")).collect();
        let source = Tree::new().source_with(&empty);
        assert_eq!(ask(&source, &OtelEnv::read(&source)), None, "{attribute}");
    }
    let source = Tree::new().source_with(&[IN_CLUSTER]);
    assert_eq!(pod_name(&source, &OtelEnv::default(), None), None);
}

#[test]
fn documents_every_variable() {
    let documented = include_str!("resource.rs");
    for (_, attribute, vars, _) in questions() {
        let row = format!("/// | `{attribute}` |");
        let row = documented.lines().find(|line| line.starts_with(&row));
        for name in vars {
            assert!(row.unwrap().contains(&format!("`{name}`")), "{name}");
        }
    }
}

#[test]
fn refuses_a_namespace_file_that_holds_no_name() {
    for content in [&b""[..], b"\n", b"two words", b"\xff\xfe", &[b'a'; 300]] {
        let tree = Tree::new();
        tree.write(NAMESPACE_FILE, content);
        let source = tree.source();
        assert_eq!(namespace_name(&source, &OtelEnv::default()), None);
    }
}
