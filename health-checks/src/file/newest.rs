//! Finds the regular file of a folder that was changed last.

use std::{fs, io, path::PathBuf, time::SystemTime};

use super::{MAX_FOLDER_ENTRIES, Wanted, look::Problem};

pub(super) fn newest(wanted: &Wanted) -> Result<PathBuf, Problem> {
    let folder = &wanted.path;
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotADirectory if folder.exists() => {
            problem(wanted, "this is no folder".to_owned())
        }
        _ => Problem::new(folder, &error),
    };
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    for (number, entry) in fs::read_dir(folder).map_err(failed)?.enumerate() {
        if number >= MAX_FOLDER_ENTRIES {
            let text = format!("more than {MAX_FOLDER_ENTRIES} entries: they are not looked at");
            return Err(problem(wanted, text));
        }
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with(&wanted.prefix) || !name.ends_with(&wanted.suffix) {
            continue;
        }
        // One that vanished in the meantime, or whose link leads nowhere, is not the newest.
        let Ok(metadata) = fs::metadata(entry.path()) else {
            continue;
        };
        if !metadata.is_file() {
            continue;
        }
        let modified = metadata.modified().map_err(failed)?;
        if newest.as_ref().is_none_or(|(time, _)| modified > *time) {
            newest = Some((modified, entry.path()));
        }
    }
    let none = || problem(wanted, "no such file in the folder".to_owned());
    newest.map(|(_, path)| path).ok_or_else(none)
}

/// Says what is wrong with the folder, which is there.
fn problem(wanted: &Wanted, text: String) -> Problem {
    Problem {
        path: wanted.path.clone(),
        is_missing: false,
        text,
    }
}
