//! A damaged file is an error, or something is read: never a panic, never more records than were asked for.

use std::fs;

use super::{options, read, write};

#[test]
fn any_byte() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.parquet");
    let text = "{\"a\":1,\"s\":\"xyz\",\"l\":[1,null],\"o\":{\"d\":1.5,\"b\":true}}\n\
        {\"a\":null,\"s\":\"zyx\",\"l\":[],\"o\":null}\n{\"a\":3,\"s\":\"xyz\",\"l\":[2,3,4],\"o\":{\"d\":null,\"b\":false}}\n";
    for parquet in [r#"{"compression":"none"}"#, r#"{"compression":"snappy","row-group":2}"#] {
        fs::remove_file(&file).ok();
        write(text, &file, options(parquet)).unwrap();
        let whole = fs::read(&file).unwrap();
        let damaged = folder.path().join("damaged.parquet");
        let mut failed = 0;
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= [1, 0x80, 0xff][place % 3];
            fs::write(&damaged, &bytes).unwrap();
            failed += usize::from(read(&damaged).is_err());
            if place % 31 == 0 {
                fs::write(&damaged, &whole[..place]).unwrap();
                assert!(read(&damaged).is_err(), "cut off at {place}");
            }
        }
        assert!(failed > whole.len() / 6, "{failed} of {}", whole.len());
    }
}
