//! The config that ships is the defaults, documented.

use scutch_pipeline::{Config, DEFAULT_TOML};

#[test]
fn the_file_that_ships_holds_the_defaults() {
    let shipped = Config::parse(DEFAULT_TOML, "config/default.toml").unwrap();
    assert_eq!(shipped, Config::default());
}

/// Every key of the defaults stands in the file, with a comment: the schema takes them from there.
#[test]
fn every_key_is_documented() {
    fn check(schema: &serde_json::Value, path: &str, missing: &mut Vec<String>) {
        let Some(properties) = schema["properties"].as_object() else { return };
        for (name, property) in properties {
            let path = format!("{path}{name}");
            if property["description"].as_str().is_none_or(str::is_empty) {
                missing.push(path.clone());
            }
            check(property, &format!("{path}."), missing);
        }
    }
    let mut missing = Vec::new();
    check(&Config::schema().unwrap(), "", &mut missing);
    assert!(missing.is_empty(), "without a comment in config/default.toml: {missing:?}");
}

#[test]
fn a_typo_is_an_error_with_line_and_suggestion() {
    let cases = [
        ("stage = []", "mine.toml:1: ", "`stage`", "did you mean `stages`?"),
        ("[decode]\n\nmojibak = true", "mine.toml:3: ", "`mojibak`", "did you mean `mojibake`?"),
        ("[repair.gate]\nwindov = 3", "mine.toml:2: ", "`windov`", "did you mean `window`?"),
        ("[decode]\nbidi = \"drop\"", "mine.toml:2: ", "`drop`", "`remove`"),
        ("[decode]\nnfc = 3", "mine.toml:2: ", "invalid type", "boolean"),
        ("stages = [", "mine.toml:1: ", "", ""),
        ("[input]\ntext = []", "mine.toml:2: ", "at least one", "name"),
        ("[input]\nformats = {\".LOG\" = \"text\"}", "mine.toml:2: ", "`.LOG`", "`log`"),
    ];
    for (text, place, what, way_out) in cases {
        let said = Config::parse(text, "mine.toml").unwrap_err().to_string();
        assert!(said.starts_with(place), "{said}");
        assert!(said.contains(what) && said.contains(way_out), "{said}");
        assert!(!said.trim_end().contains('\n'), "one line: {said}");
    }
}
