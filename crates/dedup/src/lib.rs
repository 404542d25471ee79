//! Exact and near duplicates: signatures, bands, clusters.
