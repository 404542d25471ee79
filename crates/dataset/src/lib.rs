//! The dataset on disk: Parquet tables, manifest, verify, diff, restore, report.
