//! The application's migrations against those that a database has.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use health_core::Status;
use sqlx::migrate::{AppliedMigration, Migrator};

use super::PENDING_MIGRATIONS_STATUS;
use crate::sql::Failure;

/// What the application knows, by version.
pub(super) struct Known {
    pub(super) table: Cow<'static, str>,
    pub(super) migrations: BTreeMap<i64, Migration>,
    ignore_missing: bool,
}

pub(super) struct Migration {
    description: String,
    checksum: Vec<u8>,
}

impl Known {
    /// Reads also the fields that sqlx does not document: it has no other way to tell them.
    pub(super) fn of(migrator: &Migrator) -> Self {
        let up = migrator
            .iter()
            .filter(|migration| !migration.migration_type.is_down_migration());
        let migrations = up.map(|migration| {
            let known = Migration {
                description: migration.description.to_string(),
                checksum: migration.checksum.to_vec(),
            };
            (migration.version, known)
        });
        Self {
            table: migrator.table_name.clone(),
            migrations: migrations.collect(),
            ignore_missing: migrator.ignore_missing,
        }
    }
}

/// What the two have and do not have in common.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comparison {
    pub(super) applied: usize,
    pub(super) latest: Option<i64>,
    pub(super) pending: Vec<(i64, String)>,
    pub(super) changed: Vec<i64>,
    pub(super) unknown: Vec<i64>,
    pub(super) failed: Option<i64>,
    problem: Option<(Status, String)>,
}

impl Comparison {
    pub(super) fn outcome(&self) -> Result<(), Failure> {
        match &self.problem {
            None => Ok(()),
            Some((status, reason)) => Err(Failure::new(status.clone(), reason)),
        }
    }
}

/// Compares; `failed` is a migration that began and did not end, which is among the applied ones.
pub(super) fn compare(
    known: &Known,
    applied: &[AppliedMigration],
    failed: Option<i64>,
) -> Comparison {
    let mut comparison = Comparison {
        failed,
        ..Comparison::default()
    };
    let mut seen = BTreeSet::new();
    for migration in applied {
        let version = migration.version;
        seen.insert(version);
        match known.migrations.get(&version) {
            None => comparison.unknown.push(version),
            Some(known) if known.checksum != *migration.checksum => {
                comparison.changed.push(version);
            }
            Some(_) => {}
        }
    }
    comparison.applied = seen
        .iter()
        .filter(|&&version| failed != Some(version))
        .count();
    comparison.latest = seen.last().copied();
    comparison.pending = known
        .migrations
        .iter()
        .filter(|(version, _)| !seen.contains(version))
        .map(|(&version, migration)| (version, migration.description.clone()))
        .collect();
    comparison.problem = problem(known, &comparison);
    comparison
}

/// Names the worst, in the order in which sqlx's migrator would stumble over it.
fn problem(known: &Known, comparison: &Comparison) -> Option<(Status, String)> {
    let down = |reason| Some((Status::DOWN, reason));
    if let Some(version) = comparison.failed {
        return down(format!(
            "migration {version} failed half-way: mend the database by hand, then remove its row from {}",
            known.table
        ));
    }
    if let Some(version) = comparison.unknown.last()
        && !known.ignore_missing
    {
        return down(format!(
            "the database has migration {version}, which this version of the application does not know"
        ));
    }
    if let Some(version) = comparison.changed.first() {
        return down(format!(
            "migration {version} is not the one that was applied: it was changed since"
        ));
    }
    let count = match comparison.pending.len() {
        0 => return None,
        1 => "1 migration is".to_owned(),
        count => format!("{count} migrations are"),
    };
    let reason = format!("{count} pending");
    Some((PENDING_MIGRATIONS_STATUS, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(versions: &[i64], ignore_missing: bool) -> Known {
        let migrations = versions.iter().map(|&version| {
            let migration = Migration {
                description: format!("step {version}"),
                checksum: vec![1],
            };
            (version, migration)
        });
        Known {
            table: "t".into(),
            migrations: migrations.collect(),
            ignore_missing,
        }
    }

    #[test]
    fn what_the_migrator_would_stumble_over_is_a_problem() {
        use Status as S;
        let same = |version| (version, 1);
        let cases = [
            ("nothing at all", (vec![], false), vec![], None, None),
            (
                "all applied",
                (vec![1, 2], false),
                vec![same(1), same(2)],
                None,
                None,
            ),
            (
                "one pending",
                (vec![1, 2], false),
                vec![same(1)],
                None,
                Some((S::OUT_OF_SERVICE, "1 migration is pending")),
            ),
            (
                "older pending",
                (vec![1, 2, 3], false),
                vec![same(3)],
                None,
                Some((S::OUT_OF_SERVICE, "2 migrations are pending")),
            ),
            (
                "unknown",
                (vec![1], false),
                vec![same(1), same(2)],
                None,
                Some((S::DOWN, "has migration 2, which")),
            ),
            (
                "unknown, ignored",
                (vec![1], true),
                vec![same(1), same(2)],
                None,
                None,
            ),
            (
                "unknown, ignored, and pending",
                (vec![1, 3], true),
                vec![same(1), same(2)],
                None,
                Some((S::OUT_OF_SERVICE, "1 migration is pending")),
            ),
            (
                "changed",
                (vec![1], false),
                vec![(1, 9)],
                None,
                Some((S::DOWN, "migration 1 is not the one")),
            ),
            (
                "failed",
                (vec![1, 2], false),
                vec![same(1), same(2)],
                Some(2),
                Some((S::DOWN, "migration 2 failed half-way")),
            ),
        ];
        for (name, (versions, ignore_missing), applied, failed, expected) in cases {
            let applied: Vec<AppliedMigration> = applied
                .into_iter()
                .map(|(version, checksum)| AppliedMigration {
                    version,
                    checksum: vec![checksum].into(),
                })
                .collect();
            let problem = compare(&known(&versions, ignore_missing), &applied, failed).problem;
            match (problem, expected) {
                (None, None) => {}
                (Some((status, reason)), Some((expected, part))) => {
                    assert_eq!(status, expected, "{name}: {reason}");
                    assert!(reason.contains(part), "{name}: {reason}");
                }
                (problem, _) => panic!("{name}: {problem:?}"),
            }
        }
    }

    #[test]
    fn what_differs_is_listed() {
        let applied = [(2, 1), (3, 9), (7, 1)].map(|(version, checksum)| AppliedMigration {
            version,
            checksum: vec![checksum].into(),
        });
        let comparison = compare(&known(&[1, 2, 3, 4], false), &applied, Some(7));
        let step = |version| (version, format!("step {version}"));
        assert_eq!(
            Comparison {
                problem: None,
                ..comparison
            },
            Comparison {
                applied: 2,
                latest: Some(7),
                pending: vec![step(1), step(4)],
                changed: vec![3],
                unknown: vec![7],
                failed: Some(7),
                problem: None,
            }
        );
    }
}
