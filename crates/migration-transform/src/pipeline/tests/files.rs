//! Files that are not what they seem, or are no files.

use super::*;

#[test]
fn rows_that_end_with_cr_alone() {
    let folder = folder();
    let output = folder.path().join("out.ndjson");
    for (text, expected) in [
        ("a,n\r1,2\r3,4\r", "{\"b\":\"1\",\"n\":2}\n{\"b\":\"3\",\"n\":4}\n"),
        ("\"a\r\",n\r\n1,2\r\n", "{\"a\\r\":\"1\",\"n\":2}\n"),
        ("a\r\r\nb\n", "{\"b\":\"b\"}\n"),
    ] {
        let input = put(&folder, "in.csv", text);
        run(&Pipeline { overwrite: true, ..Pipeline::default() }, STEPS, &input, &output).unwrap();
        assert_eq!(fs::read_to_string(&output).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn headers_that_are_none() {
    let folder = folder();
    let told = |text: &str| {
        let input = put(&folder, "in.csv", text);
        let error = run(&Pipeline::default(), STEPS, &input, &folder.path().join("out.ndjson")).unwrap_err();
        assert_eq!(error.code(), "transform.unknown_columns");
        error.to_string()
    };
    let long = "x".repeat(MAX_RECORD + CHUNK);
    assert!(told(&format!("a,{long}\n1,2\n")).ends_with("its first row is longer than 8 MiB"));
    assert!(told(&format!("a,\"{long}\n1,2\n")).ends_with("its first row is longer than 8 MiB"));
    assert!(told("a,\"b\n1,2\n").ends_with("a quote in its first row is never closed"));
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_output() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n");
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let (real, link) = (inner.join("real.ndjson"), folder.path().join("link.ndjson"));
    fs::write(&real, "old\n").unwrap();
    std::os::unix::fs::symlink("inner/real.ndjson", &link).unwrap();
    let code = |pipeline: &Pipeline<'_>| run(pipeline, STEPS, &input, &link).map_err(|error| error.code());
    assert_eq!(code(&Pipeline::default()), Err("transform.output_exists"));
    let overwrite = Pipeline { overwrite: true, ..Pipeline::default() };
    assert_eq!(code(&overwrite).unwrap().records_out, 1);
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "{\"b\":1}\n");
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    // So is one that leads to what isn't there yet.
    fs::remove_file(&real).unwrap();
    assert_eq!(code(&Pipeline::default()).unwrap().records_out, 1);
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "{\"b\":1}\n");
}

#[cfg(unix)]
fn pipe(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_as_it_is() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\nx\n");
    let (named, link) = (pipe(&folder, "pipe"), folder.path().join("link"));
    std::os::unix::fs::symlink("pipe", &link).unwrap();
    for target in [&named, &link] {
        let reader = std::thread::spawn({
            let named = named.clone();
            move || fs::read_to_string(named).unwrap()
        });
        let pipeline = Pipeline { rejects: Some(target.clone()), overwrite: true, ..Pipeline::default() };
        run(&pipeline, STEPS, &input, &folder.path().join("out.ndjson")).unwrap();
        assert!(reader.join().unwrap().contains("\"reason\":\"invalid-json\""));
        assert!(fs::metadata(target).unwrap().file_type().is_fifo());
    }
    assert!(link.is_symlink());
}

/// However long nobody writes to the input, the run can be left, and undoes what it did.
#[cfg(unix)]
#[test]
fn a_run_that_waits_can_be_left() {
    use std::sync::atomic::AtomicBool;
    static STOP: AtomicBool = AtomicBool::new(false);
    let folder = folder();
    let input = pipe(&folder, "in.ndjson");
    let output = put(&folder, "out.ndjson", "{\"b\":0}\n");
    let rejects = put(&folder, "rejects", "old\n");
    let (sent, wait) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn({
        let input = input.clone();
        move || {
            let mut input = File::options().write(true).open(input).unwrap();
            let text = format!("{{\"a\":\"{}\"}}\nx\n", "1".repeat(100_000)).repeat(20);
            input.write_all(text.as_bytes()).unwrap();
            STOP.store(true, Ordering::Relaxed);
            // Open until the run has ended.
            let _ = wait.recv();
        }
    });
    let pipeline = Pipeline {
        append: true,
        rejects: Some(rejects.clone()),
        interrupt: Some(&STOP),
        chunk_bytes: Some(100),
        ..Pipeline::default()
    };
    let error = run(&pipeline, STEPS, &input, &output).unwrap_err();
    drop(sent);
    writer.join().unwrap();
    assert_eq!(error.code(), "run.interrupted");
    assert_eq!(fs::read_to_string(&output).unwrap(), "{\"b\":0}\n");
    assert_eq!(fs::read_to_string(&rejects).unwrap(), "old\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn rejects_are_added_as_records_are() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\nx\n");
    let (output, rejects) = (folder.path().join("out.ndjson"), folder.path().join("rejects"));
    let pipeline = Pipeline { rejects: Some(rejects.clone()), append: true, ..Pipeline::default() };
    for times in 1..3 {
        run(&pipeline, STEPS, &input, &output).unwrap();
        for path in [&output, &rejects] {
            assert_eq!(fs::read_to_string(path).unwrap().lines().count(), times);
        }
    }
    let written = Arc::new(Mutex::new(Vec::new()));
    let pipeline = Pipeline { rejects_to: Some(written.clone()), append: true, ..Pipeline::default() };
    run(&pipeline, STEPS, &input, &output).unwrap();
    let expected = b"{\"record\":2,\"line\":2,\"reason\":\"invalid-json\",\"field\":null,\"text\":\"x\"}\n";
    assert_eq!(*written.lock().unwrap(), expected);
}

#[test]
fn two_names_of_one_file_to_be() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "x\n");
    let output = folder.path().join("out.ndjson");
    let rejects = Some(folder.path().join("./out.ndjson"));
    let error = run(&Pipeline { rejects, ..Pipeline::default() }, STEPS, &input, &output).unwrap_err();
    assert_eq!(error.code(), "transform.same_file");
}

#[cfg(feature = "gzip")]
#[test]
fn only_what_is_compressed_is_added_to_as_such() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n");
    let output = put(&folder, "out.ndjson.gz", "{\"b\":0}\n");
    let pipeline = Pipeline { append: true, ..Pipeline::default() };
    assert_eq!(run(&pipeline, STEPS, &input, &output).unwrap_err().code(), "transform.unsupported");
    assert_eq!(fs::read_to_string(&output).unwrap(), "{\"b\":0}\n");
}

#[cfg(all(feature = "gzip", feature = "zstd"))]
#[test]
fn what_is_compressed_is_told_by_its_beginning() {
    use std::io::Write;
    let folder = folder();
    let text = "{\"a\":1}\n{\"n\":\"7\"}\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let frame = zstd::encode_all(text.as_bytes(), 0).unwrap();
    // As `pzstd` writes it: before the frame one to be skipped, with its length.
    let skipped = [&b"\x50\x2a\x4d\x18\x04\0\0\0"[..], &[frame.len() as u8, 0, 0, 0], &frame].concat();
    for bytes in [encoder.finish().unwrap(), frame, skipped] {
        let input = put(&folder, "in.ndjson", &bytes);
        let output = folder.path().join("out.ndjson");
        let overwrite = Pipeline { overwrite: true, ..Pipeline::default() };
        for source in
            [Input::File(input.clone()), Input::Reader("stream".to_owned(), Box::new(Slowly(&bytes)))]
        {
            let report = overwrite.run(&chain(STEPS), source, Output::File(output.clone())).unwrap();
            assert_eq!((report.records_out, report.bytes_in), (2, text.len() as u64));
            assert_eq!(fs::read_to_string(&output).unwrap(), "{\"b\":1}\n{\"n\":7}\n");
        }
        let shard = Pipeline { shard: Shard::new(0, 2), ..Pipeline::default() };
        let error = run(&shard, STEPS, &input, &folder.path().join("parts")).unwrap_err();
        assert_eq!(error.code(), "transform.unsupported");
        // Cut off anywhere.
        for length in [5, 11, bytes.len() - 1] {
            let source = Input::Reader("stream".to_owned(), Box::new(&bytes[..length]));
            let failed = overwrite.run(&chain(STEPS), source, Output::File(output.clone())).unwrap_err();
            assert_eq!(failed.code(), "transform.input_failed", "{length} of {} bytes", bytes.len());
        }
    }
    let code = |name: &str, text: &str| {
        let input = put(&folder, name, text);
        run(&Pipeline::default(), STEPS, &input, &folder.path().join("new.ndjson")).unwrap_err().code()
    };
    assert_eq!(code("empty.ndjson.gz", ""), "transform.input_failed");
    assert_eq!(code("empty.ndjson.zst", ""), "transform.input_failed");
    assert_eq!(code("text.ndjson.gz", text), "transform.input_unreadable");
    assert_eq!(code("text.ndjson.zst", text), "transform.input_unreadable");
}
