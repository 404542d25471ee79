//! Line rules: link farms, teasers, forms, breadcrumbs, repeated lines.
