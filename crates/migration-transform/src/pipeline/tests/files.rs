//! Files that are not what they seem.

use super::*;

#[test]
fn rows_that_end_with_cr_alone() {
    let folder = folder();
    let output = folder.path().join("out.ndjson");
    for text in ["a,b\r1,2\r3,4\r", "a\rb,c\n1,2\n"] {
        let input = put(&folder, "in.csv", text);
        let error = run(&Pipeline::default(), STEPS, &input, &output).unwrap_err();
        assert_eq!(error.code(), "transform.unknown_columns", "{text:?}");
        assert!(error.to_string().contains("CR alone"), "{error}");
    }
    let input = put(&folder, "in.csv", "\"a\r\",n\r\n1,2\r\n");
    run(&Pipeline::default(), STEPS, &input, &output).unwrap();
    assert_eq!(fs::read_to_string(&output).unwrap(), "{\"a\\r\":\"1\",\"n\":2}\n");
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
    // One that leads nowhere is replaced.
    fs::remove_file(&real).unwrap();
    assert_eq!(code(&Pipeline::default()).unwrap().records_out, 1);
    assert_eq!(fs::read_to_string(&link).unwrap(), "{\"b\":1}\n");
}
