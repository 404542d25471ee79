use std::path::Path;

use arrow::datatypes::{DataType, Schema};
use serde_json::{Value, json};

use crate::batches::Batches;
use crate::seal::Sealed;
use crate::{Error, Table};

/// Croissant 1.0 metadata: every Parquet file with its SHA-256, every table as a record set.
///
/// <https://docs.mlcommons.org/croissant/docs/croissant-spec.html>
pub(crate) fn render<'a>(
    dir: &Path,
    files: impl Iterator<Item = &'a Sealed>,
) -> Result<String, Error> {
    let mut distribution: Vec<Value> = files
        .filter(|file| file.output.path.ends_with(".parquet"))
        .map(|file| {
            json!({
                "@type": "cr:FileObject",
                "@id": file.output.path,
                "name": file.output.path,
                "contentUrl": file.output.path,
                "contentSize": format!("{} B", file.output.bytes),
                "encodingFormat": "application/x-parquet",
                "sha256": file.sha256,
            })
        })
        .collect();
    let mut records = Vec::new();
    for table in Table::ALL {
        let name = table.name();
        distribution.push(json!({
            "@type": "cr:FileSet",
            "@id": format!("{name}-parts"),
            "name": format!("{name}-parts"),
            "encodingFormat": "application/x-parquet",
            "includes": format!("{name}/*.parquet"),
        }));
        records.push(json!({
            "@type": "cr:RecordSet",
            "@id": name,
            "name": name,
            "field": fields(table, &*Batches::schema(dir, table)?),
        }));
    }
    let metadata = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "scutch-dataset",
        "description":
            "Clean, deduplicated documents; every rejected record with its reason; every edit.",
        "distribution": distribution,
        "recordSet": records,
    });
    Ok(format!("{metadata:#}\n"))
}

fn fields(table: Table, schema: &Schema) -> Vec<Value> {
    let columns = schema.fields().iter();
    // Croissant 1.0 has no type for bytes.
    let columns = columns.filter(|column| *column.data_type() != DataType::Binary);
    columns
        .map(|column| {
            let kind = match column.data_type() {
                DataType::Boolean => "sc:Boolean",
                DataType::Int64 => "sc:Integer",
                DataType::Float32 | DataType::Float64 => "sc:Float",
                _ => "sc:Text",
            };
            json!({
                "@type": "cr:Field",
                "@id": format!("{}/{}", table.name(), column.name()),
                "name": column.name(),
                "description": table.describe(column.name()),
                "dataType": kind,
                "source": {
                    "fileSet": {"@id": format!("{}-parts", table.name())},
                    "extract": {"column": column.name()},
                },
            })
        })
        .collect()
}

/// The context that the specification prescribes.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "equivalentProperty": "cr:equivalentProperty",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "fileProperty": "cr:fileProperty",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
