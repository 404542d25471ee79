//! Files to records: text, JSONL, WARC, WET, Parquet, each also compressed.
