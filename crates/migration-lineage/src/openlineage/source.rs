//! Where the source of migrations is: what the `.git` folder above them says, without running git.

use std::fs;
use std::path::{Path, PathBuf, absolute};

use super::facet::SourceCodeLocation;

/// A working copy of a repository: where it is, what of it is checked out, where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLocation {
    root: PathBuf,
    remote: Option<String>,
    version: Option<String>,
    branch: Option<String>,
}

impl SourceLocation {
    /// The working copy that a folder is in; `None` if it is in none.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Option<Self> {
        let folder = absolute(folder).ok()?;
        let root = folder.ancestors().find(|folder| folder.join(".git").exists())?;
        let dot_git = root.join(".git");
        // A linked working copy has a file that says where the folder is.
        let git = match fs::read_to_string(&dot_git) {
            Ok(text) => root.join(text.trim().strip_prefix("gitdir:")?.trim()),
            Err(_) => dot_git,
        };
        let common = fs::read_to_string(git.join("commondir")).map(|text| git.join(text.trim()));
        let common = common.unwrap_or_else(|_| git.clone());
        let head = fs::read_to_string(git.join("HEAD")).ok()?;
        let reference = head.trim().strip_prefix("ref:").map(str::trim);
        let version = match reference {
            Some(reference) => commit(&common, reference),
            None => Some(head.trim().to_owned()),
        };
        let config = fs::read_to_string(common.join("config")).unwrap_or_default();
        Some(Self {
            root: root.to_owned(),
            remote: origin(&config).map(web_address),
            version: version.filter(|version| version.bytes().all(|byte| byte.is_ascii_hexdigit())),
            branch: reference.and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned),
        })
    }

    /// Where a file of the working copy is, by the specification's terms.
    #[must_use]
    pub fn of_file(&self, file: &Path) -> Option<SourceCodeLocation> {
        let file = absolute(file).ok()?;
        let path = file.strip_prefix(&self.root).ok()?;
        let path: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let url = match &self.remote {
            Some(remote) => remote.clone(),
            None => format!("file://{}", encoded(&file.to_string_lossy())),
        };
        Some(SourceCodeLocation {
            kind: "git".to_owned(),
            url,
            repo_url: self.remote.clone(),
            path: Some(path.join("/")),
            version: self.version.clone(),
            branch: self.branch.clone(),
        })
    }
}

/// The commit that a branch is at.
fn commit(git: &Path, reference: &str) -> Option<String> {
    if let Ok(text) = fs::read_to_string(git.join(reference)) {
        return Some(text.trim().to_owned());
    }
    let packed = fs::read_to_string(git.join("packed-refs")).ok()?;
    let line = packed.lines().find(|line| line.split_once(' ').is_some_and(|(_, name)| name == reference))?;
    Some(line.split_once(' ')?.0.to_owned())
}

/// The URL of the remote `origin`.
fn origin(config: &str) -> Option<&str> {
    let mut lines = config.lines().map(str::trim);
    lines.find(|line| *line == "[remote \"origin\"]")?;
    let mut section = lines.take_while(|line| !line.starts_with('['));
    let url = section.find_map(|line| line.strip_prefix("url")?.trim_start().strip_prefix('='))?;
    Some(url.trim())
}

/// The address of a repository for a browser: without user, password and the extension, and by `https` where it is by `ssh`.
fn web_address(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme, rest.to_owned()),
        // `git@host:path`, which is no URL; what has no colon is a folder.
        None => match url.split_once(':') {
            Some((host, path)) if !host.contains('/') => ("ssh", format!("{host}/{path}")),
            _ => ("file", url.to_owned()),
        },
    };
    let (authority, path) = rest.split_once('/').unwrap_or((&rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let scheme = if ["ssh", "git", "git+ssh"].contains(&scheme) { "https" } else { scheme };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    encoded(&format!("{scheme}://{host}/{}", path.strip_suffix(".git").unwrap_or(path)))
}

fn encoded(text: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const NOT_IN_URLS: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');
    utf8_percent_encode(text, NOT_IN_URLS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_working_copy_says_where_it_is_from() {
        let folder = repository(&[
            (".git/HEAD", "ref: refs/heads/topic/x\n"),
            (".git/refs/heads/topic/x", "0123abcd\n"),
            (
                ".git/config",
                "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://me:token@git.example/a/b.git\n",
            ),
            ("db/migrations/1/up.sql", ""),
        ]);
        let found = SourceLocation::of_folder(&folder.path().join("db/migrations")).unwrap();
        let location = found.of_file(&folder.path().join("db/migrations/1/up.sql")).unwrap();
        assert_eq!(location.url, "https://git.example/a/b");
        assert_eq!(location.path.as_deref(), Some("db/migrations/1/up.sql"));
        assert_eq!(location.version.as_deref(), Some("0123abcd"));
        assert_eq!(location.branch.as_deref(), Some("topic/x"));
        assert!(!format!("{location:?}").contains("token"));
        assert_eq!(found.of_file(Path::new("/elsewhere")), None);
    }

    #[test]
    fn packed_branches_and_linked_copies() {
        let folder = repository(&[
            ("main/.git/packed-refs", "# pack-refs\nfeed0001 refs/heads/x\n"),
            ("main/.git/config", ""),
            ("main/.git/worktrees/w/HEAD", "ref: refs/heads/x\n"),
            ("main/.git/worktrees/w/commondir", "../..\n"),
            ("w/.git", "gitdir: ../main/.git/worktrees/w\n"),
        ]);
        let found = SourceLocation::of_folder(&folder.path().join("w")).unwrap();
        let location = found.of_file(&folder.path().join("w/a b.sql")).unwrap();
        assert_eq!(location.version.as_deref(), Some("feed0001"));
        assert!(
            location.url.starts_with("file:///") && location.url.ends_with("/w/a%20b.sql"),
            "{}",
            location.url
        );
        assert_eq!(location.repo_url, None);
    }

    #[test]
    fn addresses() {
        assert_eq!(web_address("git@git.example:a/b.git"), "https://git.example/a/b");
        assert_eq!(web_address("ssh://git@git.example/a/b"), "https://git.example/a/b");
        assert_eq!(web_address("https://token@git.example/a?x=secret"), "https://git.example/a");
        assert_eq!(web_address("/srv/a b.git"), "file:///srv/a%20b");
    }
}
