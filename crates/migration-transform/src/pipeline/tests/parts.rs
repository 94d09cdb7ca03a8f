//! Parts of inputs in which a line's end need not end a record, and what makes a part another one.

use super::*;

/// The records of all parts are those of the whole, each once and in order; so are the counts.
fn check_parts(name: &str, text: &str) {
    let folder = folder();
    let input = put(&folder, name, text);
    let plain = Pipeline { to: Some(FileFormat::Ndjson), no_sync: true, ..Pipeline::default() };
    let output = folder.path().join("whole");
    let whole = run(&plain, STEPS, &input, &output).unwrap();
    let expected = fs::read_to_string(&output).unwrap();
    for (parts, chunks) in
        [(1, &[50, 1 << 20][..]), (2, &[1]), (3, &[1 << 20]), (text.len() as u64 + 2, &[7])]
    {
        for &chunk in chunks {
            let target = folder.path().join(format!("{parts}-{chunk}"));
            let (mut made, mut counts) = (String::new(), (0, 0, 0));
            for index in 0..parts {
                let shard = Shard::new(index, parts);
                let pipeline = Pipeline { shard, chunk_bytes: Some(chunk), ..plain.clone() };
                let report = run(&pipeline, STEPS, &input, &target).unwrap();
                counts.0 += report.records_in;
                counts.1 += report.rejected;
                counts.2 += report.warnings;
                let part = target.join(format!("part-{index:05}-of-{parts:05}.ndjson"));
                made.push_str(&fs::read_to_string(part).unwrap());
            }
            assert_eq!(made, expected, "{name}: {parts} parts, chunks of {chunk}");
            assert_eq!(counts, (whole.records_in, whole.rejected, whole.warnings), "{name}: {parts}");
            assert!(target.join("manifest.json").exists());
        }
    }
}

#[test]
fn of_rows() {
    check_parts(
        "in.csv",
        "\u{feff}a,n\n1,\"7\n8\"\n\"x\"\"\n\"\"\",x\n\r\nshort\n\"\",\"1\n,\n\"\nit\"s,\"5\"\nlast,6",
    );
    check_parts("in.tsv", "a\tn\n\"1\n2\"\t3\n4\t5\n");
    check_parts("header.csv", "a,n\n");
    check_parts("empty.csv", "");
}

#[test]
fn of_elements() {
    check_parts("in.json", "\u{feff}\n [{\"a\":\"],\\\"[\\n\"},{\"n\":[1,{}]} , 7,\n{\"a\":{\"b\":[]}}]\n ");
    check_parts("lines.json", "{\"a\":1}\n\n{\"n\":\"x\"}\n{\"a\":3}");
    check_parts("none.json", " [ ] ");
    // What is cut off, or goes on after its end, is noticed once.
    check_parts("cut.json", "[{\"a\":1},{\"a\":2},{\"a\"");
    check_parts("comma.json", "[{\"a\":1},{\"a\":2},");
    check_parts("more.json", "[{\"a\":1},{\"a\":2}] {\"a\":3}, 4");
    check_parts("commas.json", "[,{\"a\":1},\n,{\"a\":2} ,\n]\n");
}

#[test]
fn of_values() {
    check_parts("in.json", " {\n\"a\":[1,\n{}],\"b\":\"}\"}\n{\"n\":\"7\"}{\"a\":2}\nx\n5\n{\n}\n");
}

#[test]
fn columns_are_those_of_the_whole() {
    let folder = folder();
    for (name, text) in [
        ("in.csv", "a,n\n1,2\n3,\"4\n\"\n5,6\n"),
        ("in.json", "[{\"a\":1,\"n\":2},{\"n\":4,\"a\":3},{\"a\":5,\"n\":6}]"),
        ("in.ndjson", "{\"a\":1,\"n\":2}\n{\"n\":4,\"a\":3}\n{\"a\":5,\"n\":6}\n"),
    ] {
        let input = put(&folder, name, text);
        let target = folder.path().join(format!("parts-{name}"));
        let rows = |index| {
            let shard = Shard::new(index, 3);
            let pipeline = Pipeline { shard, to: Some(FileFormat::Csv), ..Pipeline::default() };
            run(&pipeline, STEPS, &input, &target).unwrap();
            fs::read_to_string(target.join(format!("part-{index:05}-of-00003.csv"))).unwrap()
        };
        let all: Vec<String> = (0..3).map(rows).collect();
        assert!(all.iter().all(|part| part.starts_with("b,n\n")), "{name}: {all:?}");
        assert_eq!(all.concat().replace("b,n\n", ""), "1,2\n3,4\n5,6\n", "{name}");
    }
}

#[test]
fn of_what_has_no_ranges() {
    let folder = folder();
    let code = |pipeline: Pipeline<'_>, name: &str| {
        let pipeline = Pipeline { shard: Shard::new(0, 2), ..pipeline };
        run(&pipeline, STEPS, &put(&folder, name, ""), &folder.path().join("parts")).unwrap_err().code()
    };
    assert_eq!(code(Pipeline::default(), "in.csv.gz"), "transform.unsupported");
    assert_eq!(code(Pipeline { limit: Some(1), ..Pipeline::default() }, "in.csv"), "transform.unsupported");
    let pipeline = Pipeline { shard: Shard::new(0, 2), ..Pipeline::default() };
    let output = || Output::File(folder.path().join("parts"));
    let failure = pipeline.run(&chain(STEPS), (&b"{}\n"[..]).into(), output()).unwrap_err();
    assert_eq!(failure.code(), "transform.unsupported");
    let failure = pipeline.run(&chain(STEPS), Input::File(folder.path().to_owned()), output()).unwrap_err();
    assert_eq!(failure.code(), "transform.unknown_format");
}

#[test]
fn what_a_chain_reads_is_part_of_it() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"c\":\"NL\",\"mail\":\"abc\"}\n");
    let (table, key) = (put(&folder, "t.csv", "c,n\nNL,1\n"), put(&folder, "key", "secret"));
    let spec = format!(
        r#"{{"step": [{{"lookup": "c", "table": {table:?}, "key": "c", "take": {{"n": "n"}}}},
            {{"hash": ["mail"], "key_file": {key:?}}}]}}"#
    );
    let target = folder.path().join("parts");
    let part = || {
        let pipeline = Pipeline { shard: Shard::new(0, 1), overwrite: true, ..Pipeline::default() };
        let report = run(&pipeline, &spec, &input, &target)?;
        Ok::<_, RunError>((report.skipped, fs::read(target.join("part-00000-of-00001.ndjson")).unwrap()))
    };
    let (_, first) = part().unwrap();
    assert_eq!(part().unwrap(), (true, first.clone()));
    fs::write(&table, "c,n\nNL,2\n").unwrap();
    let (skipped, second) = part().unwrap();
    assert!(!skipped && second != first);
    assert!(part().unwrap().0);
    fs::write(&key, "other").unwrap();
    let (skipped, third) = part().unwrap();
    assert!(!skipped && third != second);
    // Neither of the two takes the other's place.
    fs::remove_file(&key).unwrap();
    assert_eq!(part().unwrap_err().code(), "transform.table_unreadable");
}

/// A run may be killed when the part has its name and its manifest isn't written yet.
#[test]
fn a_part_without_its_manifest() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n{\"a\":2}\n");
    let target = folder.path().join("parts");
    let at = |name: &str| target.join(name);
    let formats = [FileFormat::Ndjson, FileFormat::Csv, FileFormat::Parquet];
    for format in
        formats.into_iter().filter(|format| *format != FileFormat::Parquet || cfg!(feature = "parquet"))
    {
        let pipeline = Pipeline { shard: Shard::new(0, 1), to: Some(format), ..Pipeline::default() };
        let part = at(&format!("part-00000-of-00001.{}", format.name()));
        run(&pipeline, STEPS, &input, &target).unwrap();
        fs::remove_file(at("manifest.json")).unwrap();
        let manifest = at(&format!("part-00000-of-00001.{}.manifest.json", format.name()));
        fs::remove_file(&manifest).unwrap();
        let report = run(&pipeline, STEPS, &input, &target).unwrap();
        assert!(!report.skipped && manifest.exists() && at("manifest.json").exists());
        assert!(run(&pipeline, STEPS, &input, &target).unwrap().skipped);
        // Other bytes are somebody else's.
        fs::remove_file(&manifest).unwrap();
        fs::write(&part, "precious").unwrap();
        assert_eq!(run(&pipeline, STEPS, &input, &target).unwrap_err().code(), "transform.output_exists");
        assert_eq!(fs::read(&part).unwrap(), b"precious");
        assert!(!manifest.exists());
        fs::remove_file(&part).unwrap();
    }
}

/// What a part rejected is in no manifest: who asks for it has the part made again.
#[test]
fn rejects_of_a_part_that_is_finished() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\nx\n");
    let (target, rejects) = (folder.path().join("parts"), folder.path().join("rejects"));
    let plain = Pipeline { shard: Shard::new(0, 1), ..Pipeline::default() };
    let rejecting = Pipeline { rejects: Some(rejects.clone()), ..plain.clone() };
    run(&plain, STEPS, &input, &target).unwrap();
    let made = fs::read(target.join("manifest.json")).unwrap();
    for _ in 0..2 {
        let report = run(&rejecting, STEPS, &input, &target).unwrap();
        assert_eq!((report.skipped, report.rejected), (false, 1));
        assert!(fs::read_to_string(&rejects).unwrap().starts_with("{\"record\":2,"));
        assert_eq!(fs::read(target.join("manifest.json")).unwrap(), made);
        assert_eq!(run(&rejecting, STEPS, &input, &target).unwrap_err().code(), "transform.output_exists");
        fs::remove_file(&rejects).unwrap();
    }
    let written = Arc::new(Mutex::new(Vec::new()));
    run(&Pipeline { rejects_to: Some(written.clone()), ..plain.clone() }, STEPS, &input, &target).unwrap();
    assert!(written.lock().unwrap().starts_with(b"{\"record\":2,"));
    assert!(run(&plain, STEPS, &input, &target).unwrap().skipped);
}

/// What says that all parts are done is true, or isn't there.
#[test]
fn the_manifest_of_all_parts() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    let target = folder.path().join("parts");
    let make = |spec: &str, index, of, to| {
        let shard = Shard::new(index, of);
        let pipeline = Pipeline { shard, to: Some(to), overwrite: true, ..Pipeline::default() };
        let report = run(&pipeline, spec, &input, &target).unwrap();
        (report.skipped, report.other_parts, target.join("manifest.json").exists())
    };
    let (other, lines) = (r#"{"step": [{"drop": ["a"]}]}"#, FileFormat::Ndjson);
    assert_eq!(make(STEPS, 0, 2, lines), (false, vec![], false));
    assert_eq!(make(STEPS, 1, 2, lines), (false, vec![], true));
    // A part of another chain, then none, then of another number, whose parts are not all there.
    assert_eq!(make(other, 0, 2, lines), (false, vec![1], false));
    assert_eq!(make(other, 0, 2, lines), (true, vec![1], false));
    assert_eq!(make(STEPS, 0, 2, lines), (false, vec![], true));
    assert_eq!(make(STEPS, 0, 3, lines), (false, vec![], false));
    assert_eq!(make(STEPS, 1, 2, lines), (true, vec![], true));
    // Those in another format are others, and leave these alone.
    assert_eq!(make(STEPS, 0, 2, FileFormat::Csv), (false, vec![], false));
    assert_eq!(make(STEPS, 0, 2, lines), (true, vec![], true));
    assert_eq!(make(STEPS, 1, 2, FileFormat::Csv), (false, vec![], true));
    // One that is gone, or cut, is not done.
    fs::write(target.join("part-00000-of-00002.csv"), "").unwrap();
    assert_eq!(make(other, 1, 2, FileFormat::Csv), (false, vec![], false));
}
