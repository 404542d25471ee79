//! A JSON schema from a config's default values and the comments of the file that documents them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::limits;

/// The schema of `defaults`, with the comments of `documented` as descriptions.
pub(crate) fn of(defaults: &Value, documented: &str) -> Value {
    object(defaults, "", &comments(documented))
}

fn object(value: &Value, path: &str, comments: &BTreeMap<String, String>) -> Value {
    let mut schema = match value {
        Value::Object(fields) if fields.is_empty() => json!({"type": "object"}),
        Value::Object(fields) => {
            let properties: Map<String, Value> = fields
                .iter()
                .map(|(name, field)| {
                    let path =
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    (name.clone(), object(field, &path, comments))
                })
                .collect();
            json!({"type": "object", "properties": properties, "additionalProperties": false})
        }
        Value::Array(_) => json!({"type": "array", "default": value}),
        Value::String(_) => json!({"type": "string", "default": value}),
        Value::Bool(_) => json!({"type": "boolean", "default": value}),
        Value::Number(number) if number.is_f64() => json!({"type": "number", "default": value}),
        Value::Number(_) => json!({"type": "integer", "default": value}),
        Value::Null => json!({}),
    };
    if let Some(range) = limits::of(path) {
        for (name, bound) in [("minimum", *range.start()), ("maximum", *range.end())] {
            if bound.abs() < f64::MAX {
                schema[name] = bound.into();
            }
        }
    }
    if let Some(comment) = comments.get(path) {
        schema["description"] = comment.as_str().into();
    }
    schema
}

/// The comment above each key and section of a TOML file, by dotted path. A key that is commented
/// out (`# model = …`) counts as a key.
fn comments(toml: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut section = String::new();
    let mut above: Vec<&str> = Vec::new();
    for line in toml.lines() {
        let line = line.trim();
        let bare = line.strip_prefix('#').map_or(line, str::trim);
        let key = bare.split_once('=').map(|(key, _)| key.trim()).filter(|key| {
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
            found.insert(section.clone(), above.join(" "));
            above.clear();
        } else if let Some(key) = key {
            let path = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
            found.insert(path, above.join(" "));
            above.clear();
        } else if line.starts_with('#') {
            above.push(bare);
        } else {
            above.clear();
        }
    }
    found.retain(|_, comment| !comment.is_empty());
    found
}
