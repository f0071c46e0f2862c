//! The id that tells one instance of a service from the others.

use std::{
    fs::{self, OpenOptions},
    hash::{BuildHasher, RandomState},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process,
    time::SystemTime,
};

use super::source::read_regular;

/// Most bytes of a service's name that go into the name of its file, inclusive.
const MAX_FILE_NAME_PART_BYTES: usize = 100;

/// Whether the resource has a `service.instance.id`, and where that is kept.
///
/// [`Off`](Self::Off) by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstanceId {
    /// There is none.
    #[default]
    Off,
    /// A random UUID in a file of this folder, the same after a restart.
    ///
    /// Made by [`in_folder`](Self::in_folder).
    Folder(PathBuf),
}

impl InstanceId {
    /// Keeps the id in a folder that exists and that this process may write to, such as its state
    /// folder below `/var/lib` or a volume.
    ///
    /// The first process to start makes the id; processes of the same service that use the same
    /// folder, one after the other or at the same time, share it. The file is called
    /// `service-instance-id-` and the service's name. On a file system without hard links two
    /// processes that start in the same instant may differ until the next restart.
    ///
    /// When the file can neither be read nor made, or holds no UUID, a warning names the folder,
    /// and the id is derived from the machine's id and the service's name, which is as stable but
    /// the same for all such instances on the machine; without a machine id it is random, and
    /// lasts as long as the process. A `service.instance.id` in the variable
    /// `OTEL_RESOURCE_ATTRIBUTES` comes before all of this.
    ///
    /// # Security
    ///
    /// Do not use a folder that others may write to, such as `/tmp`: they could choose the id.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self::Folder(folder.into())
    }

    /// Finds or makes the id; `None` when it is off.
    pub(super) fn resolve(&self, service: &str, machine_id: Option<&str>) -> Option<String> {
        let Self::Folder(folder) = self else {
            return None;
        };
        let error = match find_or_create(folder, service) {
            Ok(id) => return Some(id),
            Err(error) => error,
        };
        let (id, instead) = match machine_id {
            Some(machine) => (derived(machine, service), "derived from the machine's id"),
            None => (random(), "random and lost with this process"),
        };
        tracing::warn!(
            folder = %folder.display(),
            file = file_name(service),
            %error,
            "service.instance.id is not kept in this folder and is {instead}: let the folder \
             exist, let this process write to it, and delete the file if it holds no UUID"
        );
        Some(id)
    }
}

fn find_or_create(folder: &Path, service: &str) -> io::Result<String> {
    let file = folder.join(file_name(service));
    match stored(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(&file)?;
            // Not what was just written: another process may have been faster.
            stored(&file)
        }
        found => found,
    }
}

fn stored(file: &Path) -> io::Result<String> {
    let bytes = read_regular(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let id = text.trim();
    if is_uuid(id) {
        Ok(id.to_ascii_lowercase())
    } else {
        Err(io::Error::new(
            ErrorKind::InvalidData,
            "the file holds no UUID",
        ))
    }
}

/// Makes the file with a new id, in one step and only if there is none yet.
fn create(file: &Path) -> io::Result<()> {
    let draft = file.with_file_name(format!(".service-instance-id-{}", random()));
    let published = write_new(&draft).and_then(|()| publish(&draft, file));
    // Left over after a link, gone after a rename, perhaps never made.
    let _ = fs::remove_file(&draft);
    published
}

fn write_new(draft: &Path) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(draft)?;
    writeln!(out, "{}", random())?;
    out.sync_all()
}

/// Gives the finished draft its name. A link, unlike a rename, fails when the name is taken.
fn publish(draft: &Path, file: &Path) -> io::Result<()> {
    match fs::hard_link(draft, file) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(_) => fs::rename(draft, file),
    }
}

/// Names the file of a service. A name that had to be changed is told apart by its hash.
fn file_name(service: &str) -> String {
    let safe: String = service
        .bytes()
        .take(MAX_FILE_NAME_PART_BYTES)
        .map(char::from)
        .map(|c| match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' => c,
            _ => '_',
        })
        .collect();
    if safe == service {
        format!("service-instance-id-{safe}")
    } else {
        format!("service-instance-id-{safe}-{:032x}", fnv1a([service]))
    }
}

/// Derives an id that is the same as long as the machine and the service's name are.
fn derived(machine: &str, service: &str) -> String {
    uuid(fnv1a([machine, "\0", service]), 8)
}

/// Makes an id that no other process has.
///
/// The randomness is that of the standard library's hash keys, which come from the operating
/// system; the process and the time go in as well.
fn random() -> String {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let half = || u128::from(RandomState::new().hash_one((process::id(), now)));
    uuid((half() << 64) | half(), 4)
}

/// Writes a UUID of a version, 4 (random) or 8 (the maker's own rule), from 128 bits.
///
/// Source: RFC 9562 4 and 5.
fn uuid(bits: u128, version: u128) -> String {
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (version << 76) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Hashes texts, the same in every version of this crate, which the standard library's hashes do
/// not promise. It spreads; it does not protect.
///
/// Source: FNV-1a, 128 bits.
fn fnv1a<const N: usize>(texts: [&str; N]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    texts
        .iter()
        .flat_map(|text| text.bytes())
        .fold(OFFSET, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(PRIME)
        })
}

#[cfg(test)]
#[path = "instance_id_tests.rs"]
mod tests;
