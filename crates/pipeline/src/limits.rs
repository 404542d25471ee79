//! What numbers in a config may be. A stage takes what it is given; what could only be a mistake, or
//! would cost more than any machine has, is refused here, before anything is read.

use std::ops::{Range, RangeInclusive};

use toml::de::{DeTable, DeValue};

/// Every number of the config by its dotted path, with the least and the most that make sense.
const LIMITS: &[(&str, RangeInclusive<f64>)] = &[
    // Parquet's largest value is 1 GiB, and decoding may triple the bytes of a record.
    ("input.max_record", 1.0..=268_435_456.0),
    ("input.max_ratio", 1.0..=ANY),
    ("input.max_size", 1.0..=ANY),
    ("decode.sample", 1.0..=1_073_741_824.0),
    ("decode.max_malformed", 0.0..=1.0),
    ("dedup.near.shingle", 1.0..=64.0),
    ("dedup.near.jaccard", 0.0..=1.0),
    ("dedup.near.containment", 0.0..=1.0),
    ("dedup.near.in_order", 0.0..=1.0),
    ("dedup.near.containment_from", 0.0..=ANY),
    ("dedup.near.key_shingle", 1.0..=64.0),
    ("dedup.near.keys", 2.0..=1024.0),
    ("dedup.near.key_every", 1.0..=ANY),
    ("dedup.near.posted", 2.0..=1024.0),
    ("dedup.near.posted_every", 1.0..=ANY),
    ("dedup.spin.similarity", 0.0..=1.0),
    ("dedup.spin.similarity_spun", 0.0..=1.0),
    ("dedup.spin.from", 0.0..=ANY),
    ("dedup.spin.foreign", 0.0..=1.0),
    ("dedup.spin.key_shingle", 1.0..=64.0),
    ("dedup.spin.keys", 2.0..=1024.0),
    ("dedup.spin.key_every", 1.0..=ANY),
    ("dedup.spin.posted", 2.0..=1024.0),
    ("dedup.spin.posted_every", 1.0..=ANY),
    ("dedup.spin.spun_from", -ANY..=ANY),
    ("strip.footers_below", 0.0..=1.0),
    ("strip.article_below", 0.0..=1.0),
    ("strip.repeated", 2.0..=ANY),
    ("repair.margin", -ANY..=ANY),
    ("repair.gap", -ANY..=ANY),
    ("repair.beam", 1.0..=1024.0),
    ("repair.gate.spun", -ANY..=ANY),
    ("repair.gate.suspicious", -ANY..=ANY),
    ("repair.gate.suspicious_window", -ANY..=ANY),
    ("repair.gate.window", 1.0..=1_000_000.0),
    ("repair.gate.least_words", 0.0..=ANY),
    ("output.zstd_level", 1.0..=19.0),
    ("output.part_mib", 1.0..=ANY),
];

/// Any number will do, but it must be one: neither infinite nor NaN.
const ANY: f64 = f64::MAX;

/// What the number at `path` may be.
pub(crate) fn of(path: &str) -> Option<&'static RangeInclusive<f64>> {
    LIMITS.iter().find(|(name, _)| *name == path).map(|(_, range)| range)
}

/// The first number in a config file that is out of its limits: where it stands, and what is wrong.
pub(crate) fn broken(text: &str) -> Option<(Range<usize>, String)> {
    let table = DeTable::parse(text).ok()?;
    first_broken(table.get_ref(), "")
}

fn first_broken(table: &DeTable<'_>, above: &str) -> Option<(Range<usize>, String)> {
    table.iter().find_map(|(key, value)| {
        let path = format!("{above}{}", key.get_ref());
        let number = match value.get_ref() {
            DeValue::Table(table) => return first_broken(table, &format!("{path}.")),
            DeValue::Integer(integer) => {
                i128::from_str_radix(integer.as_str(), integer.radix()).ok()? as f64
            }
            DeValue::Float(float) => float.as_str().parse().ok()?,
            _ => return None,
        };
        let range = of(&path).filter(|range| !range.contains(&number))?;
        Some((value.span(), format!("`{path}` is {number}: it must be {}", describe(range))))
    })
}

fn describe(range: &RangeInclusive<f64>) -> String {
    match (*range.start(), *range.end()) {
        (least, ANY) if least == -ANY => "a finite number".to_owned(),
        (least, ANY) => format!("at least {least}"),
        (least, most) => format!("from {least} to {most}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMITS, of};
    use crate::Config;
    use serde_json::Value;

    fn numbers(value: &Value, path: &str, found: &mut Vec<(String, f64)>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                numbers(value, &path, found);
            }),
            Value::Number(number) => {
                found.push((path.to_owned(), number.as_f64().unwrap_or(f64::NAN)));
            }
            _ => {}
        }
    }

    #[test]
    fn every_number_has_limits_and_keeps_them() {
        let mut found = Vec::new();
        let defaults = serde_json::to_value(Config::default());
        numbers(&defaults.unwrap_or_default(), "", &mut found);
        for (path, number) in &found {
            assert!(of(path).is_some_and(|range| range.contains(number)), "{path} = {number}");
        }
        for (path, _) in LIMITS {
            assert!(found.iter().any(|(name, _)| name == path), "{path} is no key");
        }
    }
}
