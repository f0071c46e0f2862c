//! Where a program is, and why it does not start.

use std::{
    env, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use rustix::io::Errno;

const EXECUTABLE: u32 = 0o111;

/// Finds a program: one with `/` in its name is where it says, others are looked for in the `PATH`
/// of this process.
///
/// # Errors
/// Fails with what to say.
pub(super) fn find(program: &Path) -> Result<PathBuf, String> {
    if program.as_os_str().as_encoded_bytes().contains(&b'/') {
        return std::path::absolute(program).map_err(|error| error.to_string());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let candidates: Vec<PathBuf> = env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .filter(|file| file.is_file())
        .collect();
    let executable = candidates.iter().find(|file| is_executable(file));
    let found = executable.or(candidates.first()).cloned();
    found.ok_or_else(|| {
        let name = program.display();
        format!("no program `{name}` in any folder of PATH")
    })
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & EXECUTABLE != 0)
}

/// Says why a program did not start, since the system says the same of many reasons.
pub(super) fn explain(error: &io::Error, program: &Path, folder: Option<&Path>) -> String {
    let shown = program.display();
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return format!("no working folder `{}`", folder.display());
    }
    let metadata = match fs::metadata(program) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return format!("no program `{shown}`");
        }
        Err(error) => return format!("the program `{shown}` cannot be looked at: {error}"),
    };
    if !metadata.is_file() {
        return format!("`{shown}` is no file");
    }
    if !is_executable(program) {
        return format!("`{shown}` is not executable: nobody has the permission `x`");
    }
    match error.kind() {
        io::ErrorKind::NotFound => format!("the interpreter of `{shown}` is not there"),
        io::ErrorKind::PermissionDenied => format!("`{shown}` may not be executed: {error}"),
        _ if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
            format!("`{shown}` is neither a program for this machine nor begins with `#!`")
        }
        _ => format!("`{shown}` cannot be started: {error}"),
    }
}
