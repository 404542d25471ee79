//! A JSON object whose fields stay as they were written, but for those that are set.

use std::fmt;

use anyhow::{Context, Result, anyhow};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// The fields in their order. Of a name that comes twice the last one counts.
pub(super) struct Fields(Vec<(String, Box<RawValue>)>);

impl Fields {
    /// The field of this name; an error says what is wrong with it.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let field = self.0.iter().rfind(|(field, _)| field == name);
        let (_, value) = field.with_context(|| format!("there is no `{name}`"))?;
        serde_json::from_str(value.get()).map_err(|error| {
            let what = error.to_string(); // and where, counted from the value
            anyhow!("`{name}`: {}", what.split(" at line ").next().unwrap_or(&what))
        })
    }

    /// Sets a field: in its place where it is there already.
    pub(super) fn set(&mut self, name: &str, value: &impl Serialize) -> serde_json::Result<()> {
        let value = to_raw_value(value)?;
        match self.0.iter_mut().rfind(|(field, _)| field == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
        Ok(())
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}
