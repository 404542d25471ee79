//! Parquet files: one record a row, in batches.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::display::array_value_to_string;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use crate::Config;
use crate::footer::schema_depth;
use crate::json::{MAX_DEPTH, Object, listed, push_string};
use crate::record::{Body, EXCERPT, Item, Reader, last_item};
use crate::stream::{Damage, Fault, RATIO_FLOOR};

/// Bytes of a batch, roughly.
const BATCH_BYTES: i64 = 8 << 20;
const MAX_BATCH_ROWS: i64 = 1024;

pub(crate) struct Parquet {
    batches: ParquetRecordBatchReader,
    batch: RecordBatch,
    /// The next row of `batch`.
    next: usize,
    columns: Columns,
    max_record: usize,
    /// Rows read so far, and rows of the file.
    row: u64,
    rows: u64,
    /// Bytes of the file.
    bytes: u64,
    /// Bytes that may still come out of it, with dictionaries written out.
    budget: u64,
    done: bool,
}

/// Which columns hold what.
struct Columns {
    text: usize,
    id: Option<usize>,
    url: Option<usize>,
}

impl Parquet {
    /// `Err` of an item where the file cannot be read as Parquet with texts.
    pub(crate) fn open(mut file: File, config: &Config) -> io::Result<Result<Self, Item>> {
        let bytes = file.metadata()?.len();
        let footer = match footer(&mut file, bytes)? {
            Ok(footer) => footer,
            Err(Damage { reason, detail }) => {
                return Ok(Err(damaged(&mut file, reason, &detail)?));
            }
        };
        if schema_depth(&footer).is_none_or(|depth| depth > MAX_DEPTH) {
            let detail = format!("the schema is damaged, or nested deeper than {MAX_DEPTH} levels");
            return Ok(Err(damaged(&mut file, "corrupt", &detail)?));
        }
        let metadata = match guarded(|| load(&file))? {
            Ok(metadata) => metadata,
            Err(error) => return Ok(Err(damaged(&mut file, "corrupt", &error)?)),
        };
        let fields = metadata.schema().fields();
        let find = |names: &[String], fits: fn(&DataType) -> bool| {
            let fits = |field: &Field, name| field.name() == name && fits(field.data_type());
            names.iter().find_map(|name| fields.iter().position(|field| fits(field, name)))
        };
        let Some(text) = find(&config.text, is_text) else {
            let wanted = config.text.join(", ");
            let other = fields.iter().find(|field| config.text.contains(field.name()));
            let found = match other {
                Some(field) => format!("{} is {}", field.name(), field.data_type()),
                None => {
                    let names: Vec<&str> =
                        fields.iter().map(|field| field.name().as_str()).collect();
                    format!("the columns are {}", listed(names.into_iter()))
                }
            };
            let rows = metadata.metadata().file_metadata().num_rows();
            let detail = format!(
                "no column of text named {wanted} (see input.text), so none of its {rows} rows is \
                 read; {found}"
            );
            return Ok(Err(damaged(&mut file, "missing_text", &detail)?));
        };
        let is_id = |kind: &DataType| is_text(kind) || kind.is_integer();
        let columns =
            Columns { text, id: find(&config.id, is_id), url: find(&config.url, is_text) };
        let rows = metadata.metadata().file_metadata().num_rows();
        let batch_rows = batch_rows(metadata.metadata());
        let schema = metadata.schema().clone();
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, metadata);
        let batches = match guarded(|| builder.with_batch_size(batch_rows).build())? {
            Ok(batches) => batches,
            Err(error) => return Ok(Err(damaged(&mut file, "corrupt", &error)?)),
        };
        Ok(Ok(Self {
            batches,
            batch: RecordBatch::new_empty(schema),
            next: 0,
            columns,
            max_record: config.max_length(),
            row: 0,
            rows: u64::try_from(rows).unwrap_or(0),
            bytes,
            budget: config.max_ratio.saturating_mul(bytes).max(RATIO_FLOOR).min(config.max_size),
            done: false,
        }))
    }

    fn item(&mut self) -> Item {
        let (row, place) = (self.next, self.row);
        let columns = self.batch.columns();
        let mut meta = Object::default();
        let schema = self.batch.schema();
        for (at, (field, column)) in schema.fields().iter().zip(columns).enumerate() {
            let has_place = [Some(self.columns.text), self.columns.id, self.columns.url];
            let is_null = column.is_null(row) || *column.data_type() == DataType::Null;
            if !has_place.contains(&Some(at)) && !is_null {
                let mut json = String::new();
                push_value(&mut json, column, row);
                meta.push_json(field.name(), &json);
            }
        }
        let meta = meta.finish();
        let column = &columns[self.columns.text];
        let size = if column.is_null(row) { 0 } else { text_bytes(column, row).len() };
        // Empty cells take no space, but time.
        let spent = size + meta.as_ref().map_or(0, String::len) + columns.len();
        self.budget = self.budget.saturating_sub(spent as u64);
        let body = if column.is_null(row) {
            Body::Broken {
                reason: "missing_text",
                detail: format!("row {place}: no text"),
                raw: meta.clone().unwrap_or_default().into_bytes(),
            }
        } else if size > self.max_record {
            Body::Broken {
                reason: "too_large",
                detail: format!("row {place}: {size} bytes of text (see input.max_record)"),
                raw: text_bytes(column, row)[..EXCERPT.min(size)].to_vec(),
            }
        } else if let Some(text) = column.as_string_view_opt() {
            Body::Text(text.value(row).to_owned())
        } else {
            Body::Bytes {
                bytes: text_bytes(column, row).to_vec(),
                kind: crate::Kind::Plain,
                charset: None,
            }
        };
        let value = |at: Option<usize>| {
            let column = &columns[at?];
            if column.is_null(row) { None } else { array_value_to_string(column, row).ok() }
        };
        Item { source_id: value(self.columns.id), url: value(self.columns.url), meta, body }
    }
}

impl Reader for Parquet {
    fn next(&mut self) -> io::Result<Option<Item>> {
        if self.done {
            return Ok(None);
        }
        while self.next == self.batch.num_rows() {
            let next = || self.batches.next().transpose().map_err(ParquetError::from);
            let damage = match guarded(next)? {
                Ok(Some(batch)) => {
                    (self.batch, self.next) = (batch, 0);
                    continue;
                }
                Ok(None) => {
                    self.done = true;
                    return Ok(None);
                }
                Err(damage) => damage,
            };
            self.done = true;
            let detail = format!("after row {} of {}: {damage}", self.row, self.rows);
            return Ok(Some(Item::broken("corrupt", detail, &[])));
        }
        if self.budget == 0 {
            self.done = true;
            let detail =
                format!("{} bytes of Parquet grow too large, at row {}", self.bytes, self.row);
            return Ok(Some(Item::broken("bomb", detail, &[])));
        }
        let item = self.item();
        self.next += 1;
        self.row += 1;
        Ok(Some(item))
    }

    fn position(&self) -> u64 {
        let share = u128::from(self.row) * u128::from(self.bytes) / u128::from(self.rows.max(1));
        u64::try_from(share).map_or(self.bytes, |position| position.min(self.bytes))
    }
}

/// The file's metadata, with texts as views: those share a page's or dictionary's bytes, so that a
/// batch takes no more memory than the pages behind it.
fn load(file: &File) -> Result<ArrowReaderMetadata, ParquetError> {
    let metadata = ArrowReaderMetadata::load(file, ArrowReaderOptions::new())?;
    let as_view = |field: &Arc<Field>| match viewed(field.data_type()) {
        Some(kind) => Arc::new(field.as_ref().clone().with_data_type(kind)),
        None => field.clone(),
    };
    let schema = metadata.schema();
    let fields: Vec<_> = schema.fields().iter().map(as_view).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)
}

fn viewed(kind: &DataType) -> Option<DataType> {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 => Some(DataType::Utf8View),
        DataType::Binary | DataType::LargeBinary => Some(DataType::BinaryView),
        DataType::Dictionary(_, value) => viewed(value),
        _ => None,
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8View | DataType::BinaryView)
}

fn text_bytes(column: &dyn Array, row: usize) -> &[u8] {
    match column.as_string_view_opt() {
        Some(text) => text.value(row).as_bytes(),
        None => column.as_binary_view().value(row),
    }
}

/// Rows of a batch, by the largest mean size of a row in any row group.
fn batch_rows(metadata: &ParquetMetaData) -> usize {
    let sizes =
        metadata.row_groups().iter().map(|group| group.total_byte_size() / group.num_rows().max(1));
    let rows = BATCH_BYTES / sizes.max().unwrap_or(1).max(1);
    usize::try_from(rows.clamp(1, MAX_BATCH_ROWS)).unwrap_or(1)
}

/// The metadata at the file's end, before its length and the magic number.
fn footer(file: &mut File, bytes: u64) -> io::Result<Result<Vec<u8>, Damage>> {
    let bad = |reason, detail: &str| Ok(Err(Damage { reason, detail: detail.to_owned() }));
    let mut tail = [0; 8];
    if bytes >= 12 {
        file.seek(SeekFrom::End(-8))?;
        file.read_exact(&mut tail)?;
    }
    let [a, b, c, d, magic @ ..] = tail;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    match &magic {
        b"PAR1" if length <= bytes - 12 => {}
        b"PAR1" => return bad("corrupt", "the footer is longer than the file"),
        b"PARE" => return bad("unsupported", "encrypted files are not supported"),
        _ => return bad("clipped", "the footer is missing: the file is cut short"),
    }
    let mut footer = vec![0; length as usize];
    file.seek(SeekFrom::Start(bytes - 8 - length))?;
    file.read_exact(&mut footer)?;
    Ok(Ok(footer))
}

/// The item for a file that cannot be read at all.
fn damaged(file: &mut File, reason: &'static str, detail: &str) -> io::Result<Item> {
    let mut raw = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(EXCERPT as u64).read_to_end(&mut raw)?;
    let fault = Fault::Damage(Damage { reason, detail: format!("Parquet: {detail}") });
    Ok(last_item(Some(fault), "", &raw)?
        .unwrap_or_else(|| Item::broken(reason, String::new(), &raw)))
}

/// Runs a step of the Parquet reader. `Ok(Err)` is the damage that it met: the reader panics on some
/// damaged pages, and its machine's errors are the ones with a number of the system's.
fn guarded<T>(step: impl FnOnce() -> Result<T, ParquetError>) -> io::Result<Result<T, String>> {
    let error = match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => return Ok(Ok(value)),
        Ok(Err(error)) => error,
        Err(_) => return Ok(Err("damaged pages".to_owned())),
    };
    let text = error.to_string();
    if let ParquetError::External(error) = error
        && let Ok(error) = error.downcast::<io::Error>()
        && error.raw_os_error().is_some()
    {
        return Err(*error);
    }
    Ok(Err(text))
}

/// Appends a value as JSON: numbers, booleans, strings, lists and structs as such, everything else
/// (dates, decimals, bytes) as Arrow writes it.
fn push_value(json: &mut String, column: &dyn Array, row: usize) {
    let as_text =
        |column| array_value_to_string(column, row).unwrap_or_else(|error| error.to_string());
    match column.data_type() {
        DataType::Null => json.push_str("null"),
        _ if column.is_null(row) => json.push_str("null"),
        DataType::Boolean => {
            json.push_str(if column.as_boolean().value(row) { "true" } else { "false" });
        }
        kind if kind.is_integer() => json.push_str(&as_text(column)),
        kind if kind.is_floating() => {
            let number = as_text(column).parse().ok().and_then(serde_json::Number::from_f64);
            json.push_str(&number.map_or("null".to_owned(), |number| number.to_string()));
        }
        // Arrow knows time zones by their offsets alone; what is stored is UTC.
        DataType::Timestamp(unit, Some(zone)) if **zone != *UTC => {
            match cast(&column.slice(row, 1), &DataType::Timestamp(*unit, Some(UTC.into()))) {
                Ok(time) => push_value(json, &time, 0),
                Err(error) => push_string(json, &error.to_string()),
            }
        }
        DataType::Utf8View => push_string(json, column.as_string_view().value(row)),
        DataType::List(_) => push_list(json, &column.as_list::<i32>().value(row)),
        DataType::LargeList(_) => push_list(json, &column.as_list::<i64>().value(row)),
        DataType::Struct(fields) => {
            let mut object = Object::default();
            for (field, column) in fields.iter().zip(column.as_struct().columns()) {
                let mut value = String::new();
                push_value(&mut value, column, row);
                object.push_json(field.name(), &value);
            }
            json.push_str(&object.finish().unwrap_or_else(|| "{}".to_owned()));
        }
        _ => push_string(json, &as_text(column)),
    }
}

const UTC: &str = "+00:00";

fn push_list(json: &mut String, list: &dyn Array) {
    json.push('[');
    for row in 0..list.len() {
        if row > 0 {
            json.push(',');
        }
        push_value(json, list, row);
    }
    json.push(']');
}
