use std::fs;
use std::path::Path;

use proptest::prelude::*;
use scutch_document::fixed;

use super::SpillError;
use super::blob::{Blob, BlobWriter};
use super::rows::{RowReader, RowWriter};
use super::sort::Sorter;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    first: u64,
    second: u32,
}

fixed!(Pair { first: u64, second: u32 });

/// Many rows, many of them equal, in no order.
fn rows(count: u64) -> Vec<Pair> {
    (0..count)
        .map(|i| Pair {
            first: i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54,
            second: (i % 3) as u32,
        })
        .collect()
}

fn sorted(dir: &Path, rows: &[Pair], memory: usize) -> Vec<Pair> {
    let mut sorter = Sorter::new(dir, "pairs", memory);
    sorter.extend(rows.iter().copied()).unwrap();
    sorter.finish().unwrap().map(Result::unwrap).collect()
}

#[test]
fn order_of_pushing_and_memory_do_not_show() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = rows(200_000);
    let mut expected = rows.clone();
    expected.sort();
    // 196 runs at 16 KiB: more than one round of merging.
    for memory in [16 << 10, 1 << 20, 1 << 30] {
        rows.rotate_left(777);
        assert!(sorted(dir.path(), &rows, memory) == expected, "with {memory} bytes");
    }
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert!(left.is_empty(), "runs are removed: {left:?}");
}

#[test]
fn nothing_in_nothing_out() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(sorted(dir.path(), &[], 0), []);
}

proptest! {
    #[test]
    fn sorts_any_rows(rows in prop::collection::vec((0..50u64, 0..3u32), 0..5000)) {
        let dir = tempfile::tempdir().unwrap();
        let rows: Vec<_> = rows.into_iter().map(|(first, second)| Pair { first, second }).collect();
        let mut expected = rows.clone();
        expected.sort();
        prop_assert_eq!(sorted(dir.path(), &rows, 0), expected);
    }

    #[test]
    fn blob_gives_back_every_record(records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..50)) {
        let dir = tempfile::tempdir().unwrap();
        let (blob, offsets) = blob(&dir.path().join("b"), &records);
        let mut out = Vec::new();
        for (record, &offset) in records.iter().zip(&offsets).rev() {
            blob.read(offset, &mut out).unwrap();
            prop_assert_eq!(&out, record);
        }
        let mut all = blob.records().unwrap();
        for (record, &offset) in records.iter().zip(&offsets) {
            prop_assert_eq!(all.next_into(&mut out).unwrap(), Some(offset));
            prop_assert_eq!(&out, record);
        }
        prop_assert_eq!(all.next_into(&mut out).unwrap(), None);
    }
}

fn blob(path: &Path, records: &[Vec<u8>]) -> (Blob, Vec<u64>) {
    let mut writer = BlobWriter::create(path).unwrap();
    let offsets = records.iter().map(|record| writer.append(record).unwrap()).collect();
    (writer.finish().unwrap(), offsets)
}

/// Every way of reading `path` to its end.
fn read_rows(path: &Path) -> Result<Vec<Pair>, SpillError> {
    RowReader::open(path, "pairs")?.collect()
}

#[test]
fn a_flipped_bit_anywhere_in_a_row_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows");
    let mut writer = RowWriter::create(&path, "pairs").unwrap();
    let rows = rows(6000); // two blocks
    rows.iter().for_each(|row| writer.push(row).unwrap());
    assert_eq!(writer.finish().unwrap(), 6000);
    assert_eq!(read_rows(&path).unwrap(), rows);

    let whole = fs::read(&path).unwrap();
    let places = (0..whole.len()).step_by(997).chain(0..60).chain(whole.len() - 20..whole.len());
    for place in places {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        fs::write(&path, &bytes).unwrap();
        let error = read_rows(&path).expect_err("a flipped bit");
        assert!(error.to_string().contains("rows"), "{error} names the file");
    }
    for length in [0, 39, 40, 45, 65_000, 65_600, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        read_rows(&path).expect_err("a clipped file");
    }
}

#[test]
fn a_damaged_run_stops_the_sort_and_names_the_block() {
    let dir = tempfile::tempdir().unwrap();
    let mut sorter = Sorter::new(dir.path(), "bands", 1 << 20);
    sorter.extend(rows(150_000)).unwrap();
    let run = dir.path().join("bands.00000.run");
    let mut bytes = fs::read(&run).unwrap();
    bytes[100_000] ^= 4;
    fs::write(&run, bytes).unwrap();
    let error = sorter.finish().unwrap().find_map(Result::err).expect("the flipped bit is noticed");
    let told = error.to_string();
    assert!(told.contains("bands.00000.run: block 1 (byte"), "{told}");
}

#[test]
fn a_row_that_cannot_be_is_damage_and_not_taken_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("flags");
    let mut writer = RowWriter::create(&path, "flags").unwrap();
    [0u8, 1, 2].iter().for_each(|row| writer.push(row).unwrap());
    writer.finish().unwrap();
    let mut rows = RowReader::<bool>::open(&path, "flags").unwrap();
    assert_eq!((rows.next_row().unwrap(), rows.next_row().unwrap()), (Some(false), Some(true)));
    let told = rows.next_row().unwrap_err().to_string();
    assert!(told.contains("flags: block 0 (byte 40) is damaged: it holds a row"), "{told}");
    assert!(rows.next_row().unwrap().is_none(), "after an error it ends");
}

#[test]
fn a_file_of_other_rows_is_not_taken() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows");
    RowWriter::<Pair>::create(&path, "others").unwrap().finish().unwrap();
    assert!(matches!(read_rows(&path), Err(SpillError::Kind { .. })));
}

#[test]
fn a_flipped_bit_in_a_blob_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("documents");
    let records = [b"first".to_vec(), Vec::new(), b"third".to_vec()];
    let (blob, offsets) = blob(&path, &records);
    let whole = fs::read(&path).unwrap();
    for place in offsets[0] as usize..whole.len() - 16 {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x80;
        fs::write(&path, &bytes).unwrap();
        let mut out = Vec::new();
        let read = offsets.iter().try_for_each(|&offset| blob.read(offset, &mut out));
        assert!(read.is_err_and(|error| error.to_string().contains("documents")), "byte {place}");
        let mut all = blob.records().unwrap();
        let mut read = || -> Result<(), SpillError> {
            while all.next_into(&mut out)?.is_some() {}
            Ok(())
        };
        assert!(read().is_err(), "byte {place}");
    }
}

#[test]
fn a_closed_blob_opens_again_and_a_clipped_blob_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("documents");
    let mut writer = BlobWriter::create(&path).unwrap();
    let offset = writer.append(b"one").unwrap();
    writer.close().unwrap();
    let blob = Blob::open(&path).unwrap();
    let mut out = Vec::new();
    blob.read(offset, &mut out).unwrap();
    assert_eq!((out.as_slice(), blob.len()), (b"one".as_slice(), 1));
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(Blob::open(&path).is_err(), "{length} bytes");
    }
}
