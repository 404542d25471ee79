use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, Float32Builder, Float64Builder, Int64Builder,
    RecordBatch, StringBuilder,
};
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::schema::UNIQUE;
use crate::{Error, Options, Table};

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Text(&'a str),
    Bytes(&'a [u8]),
    Bool(bool),
    Int(i64),
    Single(f32),
    Double(f64),
}

impl<'a> Value<'a> {
    pub(crate) fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }

    /// Bytes of content: what row groups and part files are cut by.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Text(text) => text.len() + 4,
            Self::Bytes(bytes) => bytes.len() + 4,
            _ => 8,
        }
    }
}

/// Rows on their way into a batch.
enum Column {
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Single(Float32Builder),
    Double(Float64Builder),
}

impl Column {
    fn new(kind: &DataType) -> Self {
        match kind {
            DataType::Binary => Self::Bytes(BinaryBuilder::new()),
            DataType::Boolean => Self::Bool(BooleanBuilder::new()),
            DataType::Int64 => Self::Int(Int64Builder::new()),
            DataType::Float32 => Self::Single(Float32Builder::new()),
            DataType::Float64 => Self::Double(Float64Builder::new()),
            _ => Self::Text(StringBuilder::new()),
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (self, value) {
            (Self::Text(column), Value::Text(value)) => column.append_value(value),
            (Self::Bytes(column), Value::Bytes(value)) => column.append_value(value),
            (Self::Bool(column), Value::Bool(value)) => column.append_value(value),
            (Self::Int(column), Value::Int(value)) => column.append_value(value),
            (Self::Single(column), Value::Single(value)) => column.append_value(value),
            (Self::Double(column), Value::Double(value)) => column.append_value(value),
            // Nothing else than null is left: rows are laid out by the schema.
            (Self::Text(column), _) => column.append_null(),
            (Self::Bytes(column), _) => column.append_null(),
            (Self::Bool(column), _) => column.append_null(),
            (Self::Int(column), _) => column.append_null(),
            (Self::Single(column), _) => column.append_null(),
            (Self::Double(column), _) => column.append_null(),
        }
    }

    /// Takes the rows, and keeps no memory: one huge row must not be paid for ever after.
    fn take(&mut self) -> ArrayRef {
        match self {
            Self::Text(column) => Arc::new(std::mem::take(column).finish()),
            Self::Bytes(column) => Arc::new(std::mem::take(column).finish()),
            Self::Bool(column) => Arc::new(std::mem::take(column).finish()),
            Self::Int(column) => Arc::new(std::mem::take(column).finish()),
            Self::Single(column) => Arc::new(std::mem::take(column).finish()),
            Self::Double(column) => Arc::new(std::mem::take(column).finish()),
        }
    }
}

/// Content and rows that wait for the Parquet encoder at most; a larger row goes alone.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_ROWS: usize = 1024;

/// Writes one table as part files, row group by row group.
pub(crate) struct TableWriter {
    dir: PathBuf,
    schema: SchemaRef,
    options: ArrowWriterOptions,
    part_limit: u64,
    group_limit: u64,
    group_rows_limit: u64,

    part: Option<(PathBuf, ArrowWriter<File>)>,
    parts: u32,
    part_bytes: u64,
    group_bytes: u64,
    group_rows: u64,
    columns: Vec<Column>,
    batch_bytes: usize,
    batch_rows: usize,
}

impl TableWriter {
    pub(crate) fn create(dir: &Path, table: Table, options: &Options) -> Result<Self, Error> {
        let dir = dir.join(table.name());
        fs::create_dir(&dir).map_err(Error::write(&dir))?;
        let schema = table.schema(&options.signals);
        Ok(Self {
            columns: schema.fields().iter().map(|field| Column::new(field.data_type())).collect(),
            options: writer_options(&schema, options.zstd_level)?,
            dir,
            schema,
            part_limit: options.part_bytes,
            group_limit: options.row_group_bytes,
            group_rows_limit: options.row_group_rows,
            part: None,
            parts: 0,
            part_bytes: 0,
            group_bytes: 0,
            group_rows: 0,
            batch_bytes: 0,
            batch_rows: 0,
        })
    }

    /// Appends a row whose values stand in the order of the schema's columns.
    ///
    /// Where a row group or a part file ends depends on the rows' content alone.
    pub(crate) fn push(&mut self, row: &[Value<'_>]) -> Result<(), Error> {
        debug_assert_eq!(row.len(), self.columns.len());
        let size: usize = row.iter().map(|value| value.size()).sum();
        let full = self.group_bytes + size as u64 > self.group_limit
            || self.group_rows >= self.group_rows_limit;
        if self.group_rows > 0 && full {
            self.end_group()?;
        }
        if self.batch_rows > 0 && self.batch_bytes + size > BATCH_BYTES {
            self.encode()?;
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(*value);
        }
        self.batch_bytes += size;
        self.batch_rows += 1;
        self.group_bytes += size as u64;
        self.group_rows += 1;
        if self.batch_bytes >= BATCH_BYTES || self.batch_rows >= BATCH_ROWS {
            self.encode()?;
        }
        Ok(())
    }

    /// Closes the last file. A table without rows gets one, so that globs find its schema.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.end_group()?;
        if self.parts == 0 {
            self.open()?;
        }
        self.end_part()
    }

    fn encode(&mut self) -> Result<(), Error> {
        if self.batch_rows == 0 {
            return Ok(());
        }
        let arrays = self.columns.iter_mut().map(Column::take).collect();
        self.batch_bytes = 0;
        self.batch_rows = 0;
        self.open()?;
        if let Some((path, writer)) = &mut self.part {
            let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
                .map_err(|error| Error::write(path)(std::io::Error::other(error)))?;
            writer.write(&batch).map_err(Error::write_parquet(path))?;
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), Error> {
        self.encode()?;
        if let Some((path, writer)) = &mut self.part {
            writer.flush().map_err(Error::write_parquet(path))?;
        }
        self.part_bytes += self.group_bytes;
        self.group_bytes = 0;
        self.group_rows = 0;
        if self.part_bytes >= self.part_limit {
            self.end_part()?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Error> {
        if self.part.is_none() {
            let path = self.dir.join(format!("part-{:05}.parquet", self.parts));
            let file = File::create_new(&path).map_err(Error::write(&path))?;
            let schema = Arc::clone(&self.schema);
            let writer = ArrowWriter::try_new_with_options(file, schema, self.options.clone())
                .map_err(Error::write_parquet(&path))?;
            self.part = Some((path, writer));
            self.parts += 1;
        }
        Ok(())
    }

    fn end_part(&mut self) -> Result<(), Error> {
        self.part_bytes = 0;
        if let Some((path, mut writer)) = self.part.take() {
            writer.finish().map_err(Error::write_parquet(&path))?;
            writer.inner().sync_all().map_err(Error::write(&path))?;
        }
        Ok(())
    }
}

/// Everything that shows in the bytes is set here, and nothing of it depends on the machine.
fn writer_options(schema: &SchemaRef, zstd_level: i32) -> Result<ArrowWriterOptions, Error> {
    let level = ZstdLevel::try_new(zstd_level)
        .map_err(|error| Error::Config { setting: "zstd_level", message: error.to_string() })?;
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("scutch version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(None);
    for name in UNIQUE.into_iter().filter(|name| schema.column_with_name(name).is_some()) {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    // Arrow's own schema is left out: the types are plain, and its bytes change with its versions.
    Ok(ArrowWriterOptions::new().with_properties(properties.build()).with_skip_arrow_metadata(true))
}
