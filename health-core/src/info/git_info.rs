//! Spring's info contributor `git`.

use super::{build_info::compile_time, object::Object};

/// Digits of a commit's id in its short form.
const SHORT_ID_CHARS: usize = 7;

/// The commit that the application was built from, shown as `git` of the info answer.
///
/// [`git_info!`](crate::git_info) fills it while the application is compiled. What is not set is
/// left out; when nothing is set there is no `git`.
///
/// ```
/// use health_core::info::{GitInfo, GitMode, Info};
///
/// let git = GitInfo::default()
///     .branch("main")
///     .commit_id("7c2e1f0a9d3b5c4e8f6a1b2c3d4e5f60718293a4")
///     .commit_message("do not print this")
///     .mode(GitMode::Simple);
/// let info = Info::builder("orders").git_info(git).build();
/// assert!(
///     String::from_utf8(info.body())
///         .unwrap()
///         .ends_with(r#""git":{"branch":"main","commit":{"id":"7c2e1f0"}}}"#)
/// );
/// ```
///
/// Source: Spring Boot `GitInfoContributor`; names of the full mode: git-commit-id-maven-plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it is shown only when given to an info builder"]
pub struct GitInfo {
    mode: GitMode,
    branch: Option<String>,
    commit_id: Option<String>,
    commit_time: Option<String>,
    commit_message: Option<String>,
    commit_author_name: Option<String>,
    commit_author_email: Option<String>,
    describe: Option<String>,
    dirty: Option<String>,
    commit_count: Option<String>,
}

/// How much of a [`GitInfo`] is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GitMode {
    /// The branch, and of the commit the first seven digits of its id and its time.
    #[default]
    Simple,
    /// Everything that is set, among it the author's name and address.
    Full,
}

impl GitInfo {
    /// Sets how much is shown, [`GitMode::Simple`] by default.
    pub fn mode(mut self, mode: GitMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets the branch.
    pub fn branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }

    /// Sets the commit's full id.
    pub fn commit_id(mut self, id: impl Into<String>) -> Self {
        self.commit_id = Some(id.into());
        self
    }

    /// Sets the commit's time, as RFC 3339 text, which is passed on as it is.
    pub fn commit_time(mut self, time: impl Into<String>) -> Self {
        self.commit_time = Some(time.into());
        self
    }

    /// Sets the commit's message; its first line is its short form. Shown in full mode only.
    pub fn commit_message(mut self, message: impl Into<String>) -> Self {
        self.commit_message = Some(message.into());
        self
    }

    /// Sets the name of the commit's author. Shown in full mode only.
    pub fn commit_author_name(mut self, name: impl Into<String>) -> Self {
        self.commit_author_name = Some(name.into());
        self
    }

    /// Sets the e-mail address of the commit's author. Shown in full mode only.
    pub fn commit_author_email(mut self, email: impl Into<String>) -> Self {
        self.commit_author_email = Some(email.into());
        self
    }

    /// Sets what `git describe` says. Shown in full mode only.
    pub fn describe(mut self, text: impl Into<String>) -> Self {
        self.describe = Some(text.into());
        self
    }

    /// Tells that files were changed and not committed, or that none were. Shown in full mode only.
    pub fn dirty(mut self, dirty: bool) -> Self {
        self.dirty = Some(dirty.to_string());
        self
    }

    /// Sets how many commits the branch has. Shown in full mode only.
    pub fn commit_count(mut self, count: u64) -> Self {
        self.commit_count = Some(count.to_string());
        self
    }

    /// Reads compile-time variables for [`git_info!`](crate::git_info).
    #[doc(hidden)]
    pub fn from_vars(vars: &[(&str, Option<&str>)]) -> Self {
        let var = |name| compile_time(vars, name);
        Self {
            mode: GitMode::default(),
            branch: var("VERGEN_GIT_BRANCH"),
            commit_id: var("VERGEN_GIT_SHA"),
            commit_time: var("VERGEN_GIT_COMMIT_TIMESTAMP")
                .or_else(|| var("VERGEN_GIT_COMMIT_DATE")),
            commit_message: var("VERGEN_GIT_COMMIT_MESSAGE"),
            commit_author_name: var("VERGEN_GIT_COMMIT_AUTHOR_NAME"),
            commit_author_email: var("VERGEN_GIT_COMMIT_AUTHOR_EMAIL"),
            describe: var("VERGEN_GIT_DESCRIBE"),
            dirty: var("VERGEN_GIT_DIRTY"),
            commit_count: var("VERGEN_GIT_COMMIT_COUNT"),
        }
    }

    /// Gives the members that the mode shows.
    pub(super) fn object(&self) -> Object {
        match self.mode {
            GitMode::Simple => self.simple(),
            GitMode::Full => self.full(),
        }
    }

    fn simple(&self) -> Object {
        let mut commit = Object::default();
        commit.set_some("id", self.short_id());
        commit.set_some("time", self.commit_time.as_deref());

        let mut git = Object::default();
        git.set_some("branch", self.branch.as_deref());
        git.set_object("commit", &commit);
        git
    }

    /// Nests the dotted names of the Maven plugin, whose values are all text.
    fn full(&self) -> Object {
        let mut id = Object::default();
        id.set_some("full", self.commit_id.as_deref());
        id.set_some("abbrev", self.short_id());
        id.set_some("describe", self.describe.as_deref());

        let mut message = Object::default();
        message.set_some("full", self.commit_message.as_deref());
        let first_line = self
            .commit_message
            .as_deref()
            .and_then(|m| m.lines().next());
        message.set_some("short", first_line);

        let mut user = Object::default();
        user.set_some("name", self.commit_author_name.as_deref());
        user.set_some("email", self.commit_author_email.as_deref());

        let mut commit = Object::default();
        commit.set_object("id", &id);
        commit.set_some("time", self.commit_time.as_deref());
        commit.set_object("message", &message);
        commit.set_object("user", &user);

        let mut count = Object::default();
        count.set_some("count", self.commit_count.as_deref());
        let mut total = Object::default();
        total.set_object("commit", &count);

        let mut git = Object::default();
        git.set_some("branch", self.branch.as_deref());
        git.set_object("commit", &commit);
        git.set_some("dirty", self.dirty.as_deref());
        git.set_object("total", &total);
        git
    }

    fn short_id(&self) -> Option<String> {
        let id = self.commit_id.as_deref()?;
        Some(id.chars().take(SHORT_ID_CHARS).collect())
    }
}

/// Describes the commit that the crate that calls it is built from, as a
/// [`info::GitInfo`](crate::info::GitInfo).
///
/// Everything comes from the `VERGEN_GIT_*` variables that the crate's build script emits: see
/// [the module](crate::info). Without them there is nothing to show, and `git` is left out.
///
/// ```
/// use health_core::info::GitMode;
///
/// let git = health_core::git_info!().mode(GitMode::Full);
/// # let _ = git;
/// ```
#[macro_export]
macro_rules! git_info {
    () => {
        $crate::git_info!(
            @vars
            "VERGEN_GIT_BRANCH",
            "VERGEN_GIT_SHA",
            "VERGEN_GIT_COMMIT_TIMESTAMP",
            "VERGEN_GIT_COMMIT_DATE",
            "VERGEN_GIT_COMMIT_MESSAGE",
            "VERGEN_GIT_COMMIT_AUTHOR_NAME",
            "VERGEN_GIT_COMMIT_AUTHOR_EMAIL",
            "VERGEN_GIT_DESCRIBE",
            "VERGEN_GIT_DIRTY",
            "VERGEN_GIT_COMMIT_COUNT"
        )
    };
    (@vars $($name:literal),*) => {
        $crate::info::GitInfo::from_vars(&[$(($name, ::core::option_env!($name))),*])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "7c2e1f0a9d3b5c4e8f6a1b2c3d4e5f60718293a4";

    #[test]
    fn shows_branch_and_commit_in_simple_mode() {
        for (name, vars, expected) in [
            ("none", &[][..], "{}"),
            (
                "all",
                &[
                    ("VERGEN_GIT_SHA", Some(SHA)),
                    ("VERGEN_GIT_BRANCH", Some("feature/fun")),
                    ("VERGEN_GIT_COMMIT_TIMESTAMP", Some("2026-11-21T01:26:00Z")),
                    ("VERGEN_GIT_COMMIT_DATE", Some("2026-11-21")),
                    ("VERGEN_GIT_COMMIT_AUTHOR_EMAIL", Some("jane@example.com")),
                ],
                r#"{"branch":"feature/fun","commit":{"id":"7c2e1f0","time":"2026-11-21T01:26:00Z"}}"#,
            ),
            (
                "placeholders",
                &[
                    ("VERGEN_GIT_SHA", Some("VERGEN_IDEMPOTENT_OUTPUT")),
                    ("VERGEN_GIT_BRANCH", Some("")),
                    ("VERGEN_GIT_COMMIT_DATE", Some("2026-11-21")),
                ],
                r#"{"commit":{"time":"2026-11-21"}}"#,
            ),
            (
                "a short id already",
                &[("VERGEN_GIT_SHA", Some("7c2e"))],
                r#"{"commit":{"id":"7c2e"}}"#,
            ),
        ] {
            let git = GitInfo::from_vars(vars);
            assert_eq!(git.object().to_string(), expected, "{name}");
        }
    }

    #[test]
    fn shows_everything_in_full_mode() {
        let git = GitInfo::default()
            .branch("main")
            .commit_id(SHA)
            .commit_time("2026-11-21T01:26:00Z")
            .commit_message("add x\n\nbecause y")
            .commit_author_name("Jane")
            .commit_author_email("jane@example.com")
            .describe("v1-2-g7c2e1f0")
            .dirty(true)
            .commit_count(42)
            .mode(GitMode::Full);
        let expected = format!(
            concat!(
                r#"{{"branch":"main","commit":{{"#,
                r#""id":{{"full":"{sha}","abbrev":"7c2e1f0","describe":"v1-2-g7c2e1f0"}},"#,
                r#""time":"2026-11-21T01:26:00Z","#,
                r#""message":{{"full":"add x\n\nbecause y","short":"add x"}},"#,
                r#""user":{{"name":"Jane","email":"jane@example.com"}}}},"#,
                r#""dirty":"true","total":{{"commit":{{"count":"42"}}}}}}"#
            ),
            sha = SHA
        );
        assert_eq!(git.object().to_string(), expected);
        assert_eq!(
            GitInfo::default().mode(GitMode::Full).object().to_string(),
            "{}"
        );
    }

    #[test]
    fn reads_each_variable_that_it_asks_for() {
        let vars = [
            ("VERGEN_GIT_SHA", Some(SHA)),
            ("VERGEN_GIT_BRANCH", Some("main")),
            ("VERGEN_GIT_COMMIT_TIMESTAMP", Some("t")),
            ("VERGEN_GIT_COMMIT_MESSAGE", Some("m")),
            ("VERGEN_GIT_COMMIT_AUTHOR_NAME", Some("Jane")),
            ("VERGEN_GIT_COMMIT_AUTHOR_EMAIL", Some("jane@example.com")),
            ("VERGEN_GIT_DESCRIBE", Some("v1")),
            ("VERGEN_GIT_DIRTY", Some("false")),
            ("VERGEN_GIT_COMMIT_COUNT", Some("42")),
        ];
        let by_hand = GitInfo::default()
            .branch("main")
            .commit_id(SHA)
            .commit_time("t")
            .commit_message("m")
            .commit_author_name("Jane")
            .commit_author_email("jane@example.com")
            .describe("v1")
            .dirty(false)
            .commit_count(42);
        assert_eq!(GitInfo::from_vars(&vars), by_hand);
    }
}
