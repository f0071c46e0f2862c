//! Reads the files of the example, with the YAML reader of the Python tools.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use check_testing::servers::python::python;
use serde_json::Value;

const TO_JSON: &str =
    "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";

/// Returns the path of a file of the example.
pub(crate) fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// Reads a YAML or JSON file of the example.
pub(crate) fn read(file: &str) -> Value {
    let output = Command::new(python())
        .args(["-c", TO_JSON])
        .arg(path(file))
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file}: {problem}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the values of an array, or none where there is no array.
pub(crate) fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Returns the keys of an object.
pub(crate) fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().unwrap().keys().map(String::as_str)
}
