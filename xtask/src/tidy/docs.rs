//! The pages for people: all can be reached, no link leads nowhere, examples are commands that one can type.

use std::path::{Path, PathBuf};

use super::{assert_none, files, read, root, shown};

/// What an example may begin with: our programs, and what every machine of a reader has or was told to install.
const PROGRAMS: &[&str] =
    &["migration", "cargo", "git", "cat", "cd", "cp", "jq", "psql", "mariadb", "sqlite3"];

#[test]
fn every_page_is_linked() {
    let docs = root().join("docs");
    let linked: Vec<PathBuf> = [docs.join("README.md"), root().join("README.md")]
        .into_iter()
        .filter(|page| page.is_file())
        .flat_map(|page| links(&read(&page)).map(|link| resolve(&page, link)).collect::<Vec<_>>())
        .collect();
    let is_page = |path: &PathBuf| path.parent() == Some(&docs) && !path.ends_with("README.md");
    let lonely: Vec<_> = files(&["md"]).into_iter().filter(|p| is_page(p) && !linked.contains(p)).collect();
    let complaint = |path: &PathBuf| format!("{}: docs/README.md doesn't link to it", shown(path));
    assert_none(&lonely.iter().map(complaint).collect::<Vec<_>>());
}

#[test]
fn no_link_leads_nowhere() {
    let mut complaints = Vec::new();
    for page in files(&["md"]) {
        let text = read(&page);
        let broken = links(&text).filter(|link| !resolve(&page, link).exists());
        complaints.extend(broken.map(|link| format!("{}: there is no `{link}`", shown(&page))));
    }
    assert_none(&complaints);
}

#[test]
fn examples_are_commands() {
    let mut complaints = Vec::new();
    for page in files(&["md"]) {
        let text = read(&page);
        complaints
            .extend(not_commands(&text).map(|line| format!("{}: `{line}` begins an example", shown(&page))));
    }
    assert_none(&complaints);
}

/// The lines of `console` blocks that should be a command and are not: the first of a block, and those after a `$`.
fn not_commands(text: &str) -> impl Iterator<Item = &str> {
    let mut fence = None;
    let mut is_first = false;
    text.lines().filter(move |line| {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language.trim()) };
            is_first = true;
            return false;
        }
        let in_console = fence == Some("console");
        let begins = in_console && (std::mem::take(&mut is_first) || line.starts_with("$ "));
        begins && !line.strip_prefix("$ ").is_some_and(is_command)
    })
}

fn is_command(line: &str) -> bool {
    let mut words = line.split(' ').skip_while(|word| word.contains('='));
    words.next().is_some_and(|program| PROGRAMS.contains(&program))
}

/// The targets of a page's links that lie in the repository, outside of blocks of code.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    let prose = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    let targets = prose.flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    let files = targets.filter_map(|target| target.split(['#', ' ']).next());
    files.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// The file that a link on a page names.
fn resolve(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap().to_path_buf();
    for part in Path::new(link) {
        match part.to_str() {
            Some("..") => drop(path.pop()),
            Some(".") => {}
            _ => path.push(part),
        }
    }
    path
}

#[test]
fn links_are_read() {
    let text = "[a](a.md#x) and [b](../b.md), [web](https://example.com), [here](#x)\n```\nf[0](x)\n```\n";
    assert_eq!(links(text).collect::<Vec<_>>(), ["a.md", "../b.md"]);
    assert_eq!(resolve(Path::new("/r/docs/x.md"), "../b.md"), Path::new("/r/b.md"));
}

#[test]
fn blocks_are_read() {
    let text = "```console\n$ migration up\nfine\n$ A=b migration down\n```\n\
                ```console\nls\n$ make\n```\n```sh\nrm\n```\n";
    assert_eq!(not_commands(text).collect::<Vec<_>>(), ["ls", "$ make"]);
}
