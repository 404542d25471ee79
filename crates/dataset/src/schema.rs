use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// One of the dataset's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// The clean documents.
    Documents,
    /// Every other record.
    Rejected,
    /// The documents' edits, in the documents' order.
    Edits,
    /// Near-duplicate groups.
    Clusters,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Documents, Self::Rejected, Self::Edits, Self::Clusters];

    /// The name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Rejected => "rejected",
            Self::Edits => "edits",
            Self::Clusters => "clusters",
        }
    }

    /// Its columns: plain types only, which every Parquet reader knows.
    pub(crate) fn schema(self, signals: &[&str]) -> SchemaRef {
        use DataType::{Binary, Float32, Float64, Int64, Utf8};
        let must = |name: &str, kind: DataType| Field::new(name, kind, false);
        let may = |name: &str, kind: DataType| Field::new(name, kind, true);
        let origin = [
            must("id", Utf8),
            must("source", Utf8),
            must("record", Int64),
            may("source_id", Utf8),
            may("url", Utf8),
        ];
        let own = match self {
            Self::Documents => {
                let mut own = vec![
                    must("text", Utf8),
                    may("encoding", Utf8),
                    may("language", Utf8),
                    must("n_chars", Int64),
                    must("n_words", Int64),
                    must("n_edits", Int64),
                    may("spun_score", Float64),
                    may("cluster", Utf8),
                    may("cluster_size", Int64),
                ];
                own.extend(signals.iter().map(|name| may(name, Float64)));
                own.push(may("meta", Utf8));
                own
            }
            Self::Rejected => vec![
                must("stage", Utf8),
                must("reason", Utf8),
                must("detail", Utf8),
                may("duplicate_of", Utf8),
                may("similarity", Float32),
                may("text", Utf8),
                may("raw", Binary),
                may("encoding", Utf8),
                may("meta", Utf8),
            ],
            Self::Edits => {
                return Arc::new(Schema::new(vec![
                    must("id", Utf8),
                    must("seq", Int64),
                    must("stage", Utf8),
                    must("rule", Utf8),
                    must("start", Int64),
                    must("end", Int64),
                    must("before", Utf8),
                    must("after", Utf8),
                    must("score", Float32),
                ]));
            }
            Self::Clusters => {
                return Arc::new(Schema::new(vec![
                    must("id", Utf8),
                    must("cluster", Utf8),
                    must("kept", DataType::Boolean),
                    may("similarity", Float32),
                ]));
            }
        };
        Arc::new(Schema::new(origin.into_iter().chain(own).collect::<Vec<_>>()))
    }
}

/// Columns whose values seldom repeat: no dictionary, which would only cost memory.
pub(crate) const UNIQUE: [&str; 6] = ["text", "raw", "meta", "url", "source_id", "detail"];
