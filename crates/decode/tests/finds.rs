//! Inputs that fuzzing found: each takes a way through the code that no other one takes.

mod promises;

/// Bytes of a find that is repeated: hostile input is long.
const LONG: usize = 1 << 16;

/// The files in `finds`, to which anyone can add.
#[test]
fn promises_hold_for_every_find() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/finds");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of finds") {
        let path = entry.expect("a file").path();
        let bytes = std::fs::read(&path).expect("readable");
        promises::hold(&bytes);
        promises::hold(&bytes.repeat(LONG / bytes.len().max(1)));
        count += 1;
    }
    assert!(count > 0, "no finds");
}
