//! Names of files: those that a run takes, those that it keeps its hands off, and two runs that want the same.

use super::*;

/// A run from a stream that does something before it ends.
fn meanwhile(
    pipeline: &Pipeline<'_>,
    text: &'static str,
    output: &Path,
    action: impl FnOnce() + Send,
) -> Result<Report, RunError> {
    struct Acting<F>(&'static [u8], Option<F>);

    impl<F: FnOnce()> Read for Acting<F> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(buffer)?;
            if read == 0
                && let Some(action) = self.1.take()
            {
                action();
            }
            Ok(read)
        }
    }

    let input = Input::Reader("stream".to_owned(), Box::new(Acting(text.as_bytes(), Some(action))));
    pipeline.run(&chain(STEPS), input, Output::File(output.to_owned()))
}

fn code(result: Result<Report, RunError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "done")
}

fn names(folder: &TempDir) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_temporary_name_is_no_other_file() {
    let folder = folder();
    let output = folder.path().join("y.ndjson");
    let (from, to) = (Some(FileFormat::Ndjson), Some(FileFormat::Ndjson));
    let overwrite = Pipeline { overwrite: true, from, to, ..Pipeline::default() };
    // What a run that was killed left behind, as the input.
    let partial = put(&folder, ".y.ndjson.partial", "{\"a\":1}\n");
    let error = run(&overwrite, STEPS, &partial, &output).unwrap_err();
    assert_eq!(error.code(), "transform.same_file");
    assert!(error.to_string().contains("input and the temporary file of the output"), "{error}");
    // As the chain, as a table of it, and as the file of rejects, that is there or isn't.
    let input = put(&folder, "in.ndjson", "{\"a\":1}\nx\n");
    let chained = Pipeline { chain_file: Some(partial.clone()), ..overwrite.clone() };
    assert_eq!(code(run(&chained, STEPS, &input, &output)), "transform.same_file");
    let table = folder.path().join("t.ndjson");
    let lookup =
        format!(r#"{{"step": [{{"lookup": "a", "table": {table:?}, "key": "a", "take": {{"b": "a"}}}}]}}"#);
    fs::hard_link(&partial, &table).unwrap();
    assert_eq!(code(run(&overwrite, &lookup, &input, &output)), "transform.same_file");
    let rejecting = Pipeline { rejects: Some(partial.clone()), ..overwrite.clone() };
    assert_eq!(code(run(&rejecting, STEPS, &input, &output)), "transform.same_file");
    assert_eq!(fs::read_to_string(&partial).unwrap(), "{\"a\":1}\n");
    fs::remove_file(&table).unwrap();
    fs::remove_file(&partial).unwrap();
    assert_eq!(code(run(&rejecting, STEPS, &input, &output)), "transform.same_file");
    // The other way round.
    let rejecting = Pipeline { rejects: Some(output), ..overwrite };
    assert_eq!(code(run(&rejecting, STEPS, &input, &partial)), "transform.same_file");
    assert_eq!(names(&folder), ["in.ndjson"]);
}

#[test]
fn a_part_is_not_made_of_itself() {
    let folder = folder();
    let input = put(&folder, "part-00000-of-00002.ndjson", "{\"a\":1}\n");
    let pipeline = Pipeline { shard: Shard::new(0, 2), overwrite: true, ..Pipeline::default() };
    assert_eq!(code(run(&pipeline, STEPS, &input, folder.path())), "transform.same_file");
    assert_eq!(fs::read_to_string(&input).unwrap(), "{\"a\":1}\n");
}

#[cfg(unix)]
#[test]
fn a_link_at_the_temporary_name_is_not_followed() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n");
    let precious = put(&folder, "precious", "precious\n");
    let (output, partial) = (folder.path().join("y.ndjson"), folder.path().join(".y.ndjson.partial"));
    for target in ["precious", "not-there"] {
        symlink(target, &partial).unwrap();
        assert_eq!(code(run(&Pipeline::default(), STEPS, &input, &output)), "transform.output_not_created");
        assert_eq!(names(&folder), [".y.ndjson.partial", "in.ndjson", "precious"]);
        fs::remove_file(&partial).unwrap();
    }
    // A second name of a file is only taken away.
    fs::hard_link(&precious, &partial).unwrap();
    assert_eq!(code(run(&Pipeline::default(), STEPS, &input, &output)), "done");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious\n");
    assert_eq!(names(&folder), ["in.ndjson", "precious", "y.ndjson"]);
}

#[test]
fn the_name_is_taken_before_the_input_is_read() {
    let folder = folder();
    let (output, other) = (folder.path().join("b.ndjson"), put(&folder, "in.ndjson", "{\"a\":7}\n"));
    let rejects = Pipeline { rejects: Some(output.clone()), ..Pipeline::default() };
    for (first, second) in
        [("", Pipeline::default()), ("{\"a\":1}\n", Pipeline { overwrite: true, ..Pipeline::default() })]
    {
        let busy = || {
            assert_eq!(code(run(&second, STEPS, &other, &output)), "transform.output_busy");
            let elsewhere = folder.path().join("c.ndjson");
            assert_eq!(code(run(&rejects, STEPS, &other, &elsewhere)), "transform.output_busy");
        };
        meanwhile(&Pipeline::default(), first, &output, busy).unwrap();
        assert_eq!(fs::read_to_string(&output).unwrap(), first.replace("\"a\"", "\"b\""));
        fs::remove_file(&output).unwrap();
    }
    assert_eq!(names(&folder), ["in.ndjson"]);
}

#[test]
fn what_comes_meanwhile_stays() {
    let folder = folder();
    let output = folder.path().join("b.ndjson");
    let comes = || fs::write(&output, "precious").unwrap();
    let result = meanwhile(&Pipeline::default(), "{\"a\":1}\n", &output, comes);
    assert_eq!(code(result), "transform.output_exists");
    assert_eq!(fs::read_to_string(&output).unwrap(), "precious");
    fs::remove_file(&output).unwrap();
    let overwrite = Pipeline { overwrite: true, ..Pipeline::default() };
    meanwhile(&overwrite, "{\"a\":1}\n", &output, comes).unwrap();
    assert_eq!(fs::read_to_string(&output).unwrap(), "{\"b\":1}\n");
    assert_eq!(names(&folder), ["b.ndjson"]);
}

#[test]
fn adding_and_replacing_at_once() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":7}\n");
    let output = folder.path().join("b.ndjson");
    let overwrite = Pipeline { overwrite: true, ..Pipeline::default() };
    let append = Pipeline { append: true, ..Pipeline::default() };
    let busy = |pipeline: &Pipeline<'_>| {
        assert_eq!(code(run(pipeline, STEPS, &input, &output)), "transform.output_busy");
    };
    for was_there in [false, true] {
        if was_there {
            fs::write(&output, "{\"b\":0}\n").unwrap();
            meanwhile(&overwrite, "{\"a\":1}\n", &output, || busy(&append)).unwrap();
        }
        meanwhile(&append, "{\"a\":2}\n", &output, || busy(&overwrite)).unwrap();
        let expected = if was_there { "{\"b\":1}\n{\"b\":2}\n" } else { "{\"b\":2}\n" };
        assert_eq!(fs::read_to_string(&output).unwrap(), expected);
    }
    assert_eq!(names(&folder), ["b.ndjson", "in.ndjson"]);
}

#[test]
fn a_file_that_was_to_be_added_to_is_none_if_nothing_is() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "x\n");
    let output = folder.path().join("b.ndjson");
    let append = Pipeline { append: true, strict: true, ..Pipeline::default() };
    assert_eq!(code(run(&append, STEPS, &input, &output)), "transform.strict");
    assert_eq!(names(&folder), ["in.ndjson"]);
}

#[cfg(unix)]
#[test]
fn names_that_no_file_can_have() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n");
    std::os::unix::fs::symlink("loop.ndjson", folder.path().join("loop.ndjson")).unwrap();
    for name in ["loop.ndjson", "new.ndjson/", "new.ndjson/."] {
        for append in [false, true] {
            let pipeline = Pipeline { append, to: Some(FileFormat::Ndjson), ..Pipeline::default() };
            let output = PathBuf::from(format!("{}/{name}", folder.path().display()));
            assert_eq!(
                code(run(&pipeline, STEPS, &input, &output)),
                "transform.output_not_created",
                "{name}"
            );
        }
    }
    assert_eq!(names(&folder), ["in.ndjson", "loop.ndjson"]);
    assert!(folder.path().join("loop.ndjson").is_symlink());
}
