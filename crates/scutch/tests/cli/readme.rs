//! What the README shows is what happens.

use crate::common::{scutch, stdout, succeed};
use crate::crawl::root;

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The commands in the README's shell blocks that begin with `scutch`, without their comments.
fn commands() -> Vec<Vec<String>> {
    readme()
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .flat_map(str::lines)
        .filter_map(|line| line.split('#').next()?.trim().strip_prefix("scutch "))
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn its_commands_run() {
    let temp = tempfile::tempdir().unwrap();
    let samples = root().join("tests/samples");
    let dataset = temp.path().join("out/samples");
    std::fs::create_dir(temp.path().join("out")).unwrap();
    let mut make_run = scutch(["run", "-q", "--config"]);
    make_run.arg(root().join("config/default.toml")).arg("--input").arg(&samples);
    make_run.arg("--output").arg(&dataset);
    succeed(make_run);
    std::os::unix::fs::symlink(&samples, temp.path().join("crawl")).unwrap();
    let first = scutch_dataset::Dataset::open(&dataset).unwrap().documents().unwrap().next();
    let id = first.unwrap().unwrap().origin.id.to_string();

    let commands = commands();
    assert!(commands.len() >= 5, "{commands:?}");
    for words in commands {
        let mut command = scutch(words.iter().map(|word| if word == "ID" { &id } else { word }));
        command.current_dir(temp.path());
        assert!(
            !stdout(command).is_empty() || words[0] == "run" || words[0] == "verify",
            "{words:?}"
        );
    }
}

#[test]
fn its_before_is_a_sample_and_its_after_what_comes_out() {
    let readme = readme();
    let blocks: Vec<&str> =
        readme.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let sample = root().join("tests/samples/000_f6aa39ef8e112418.txt");
    let before = std::fs::read_to_string(&sample).unwrap();
    let mut strip = scutch(["strip"]);
    strip.arg(&sample);
    let temp = tempfile::tempdir().unwrap();
    let stripped = temp.path().join("stripped.txt");
    std::fs::write(&stripped, stdout(strip)).unwrap();
    let mut repair = scutch(["repair"]);
    repair.arg(&stripped);
    let after = stdout(repair);
    for (block, text) in [(blocks[0], &before), (blocks[1], &after)] {
        for part in block
            .lines()
            .flat_map(|line| line.split(" …"))
            .map(|part| part.trim_matches(['…', ' ']))
        {
            assert!(text.contains(part), "the README quotes {part:?}");
        }
    }
}

#[test]
fn its_links_lead_somewhere() {
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "crates/README.md"] {
        let path = root().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") {
                let target = path.parent().unwrap().join(link.split('#').next().unwrap());
                assert!(target.exists(), "{file} links to {link}");
            }
        }
    }
}
