use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use scutch_dedup::{Config, KEY_BITS, Key, Mutable, Near, Rank, Shingles, Sketch};
use scutch_document::{Document, Id, Origin};

use super::{Earlier, NearFinding, NearPass, Sketches, write_index};
use crate::bits::Bits;
use crate::spill::SpillError;

/// splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Documents in families: the members of one differ in some words, in their length and in how spun
/// they are, so that some are copies of each other and some are not.
fn corpus(documents: u64) -> Vec<Document> {
    (0..documents)
        .map(|i| {
            let family = mix(i) % (documents / 3);
            let mut words: Vec<_> =
                (0..120).map(|at| format!("w{}", mix(family * 1000 + at) >> 44)).collect();
            for change in 0..mix(i + 1_000_000) % 30 {
                words[(mix(i * 31 + change) % 120) as usize] = format!("x{i}y{change}");
            }
            words.truncate(120 - (mix(i + 2_000_000) % 3) as usize);
            let origin = Origin { id: Id(mix(i + 3_000_000).into()), ..Origin::default() };
            let mut document = Document::new(origin, words.join(" "));
            document.signals.insert("spun_score", (mix(i + 4_000_000) % 4) as f64 / 10.0);
            document
        })
        .collect()
}

static IN_LEXICON: LazyLock<Mutable> =
    LazyLock::new(|| Mutable::new(|word| word.ends_with(['0', '2', '4', '6', '8'])));

fn pass(dir: &Path, memory: usize) -> NearPass {
    NearPass::new(&Config::default(), dir, memory).unwrap()
}

fn observe(pass: &mut NearPass, documents: &[Document]) {
    let near = Near::new(&Config::default());
    for (ordinal, document) in documents.iter().enumerate() {
        pass.observe(ordinal as u64, near.sketch(document, &IN_LEXICON), document).unwrap();
    }
}

fn find(documents: &[Document], memory: usize) -> Vec<NearFinding> {
    let dir = tempfile::tempdir().unwrap();
    let mut pass = pass(dir.path(), memory);
    observe(&mut pass, documents);
    pass.finish().unwrap().map(Result::unwrap).collect()
}

/// The published documents of a night.
#[derive(Clone)]
struct Published(Vec<Document>);

impl Sketches for Published {
    fn sketches(&self, rows: &[u64]) -> std::io::Result<Vec<(Id, Sketch)>> {
        let near = Near::new(&Config::default());
        let documents = rows.iter().map(|&row| &self.0[row as usize]);
        Ok(documents.map(|it| (it.origin.id, near.sketch(it, &IN_LEXICON))).collect())
    }
}

/// Publishes what is kept of a night, whose pass left its keys in `spill`.
fn publish(spill: &Path, index: &Path, night: &[Document], kept: &[Id]) -> Published {
    let mut bits = Bits::default();
    let mut published = Vec::new();
    for (ordinal, document) in night.iter().enumerate() {
        if kept.contains(&document.origin.id) {
            bits.set(ordinal as u64);
            published.push(document.clone());
        }
    }
    write_index(spill, index, &Config::default(), &bits).unwrap();
    Published(published)
}

/// Opens a published night as an earlier dataset.
fn earlier(name: &str, index: &Path, published: &Published) -> Result<Earlier, SpillError> {
    Earlier::open(name, index, &Config::default(), Box::new(published.clone()))
}

/// Which of `nights`' documents are kept in one run over all of them that ranks earlier nights
/// first, by looking at all pairs of which the better one is posted under two keys of a kind that the other has:
/// those that are a copy of no document of their night that ranks before them, and of none that an earlier night
/// kept.
fn kept_by_definition(nights: &[&[Document]]) -> Vec<Id> {
    let near = Near::new(&Config::default());
    let mut all: Vec<(usize, Rank, Sketch, Shingles)> = Vec::new();
    for (night, documents) in nights.iter().enumerate() {
        for document in *documents {
            let rank = Rank::new(document, Config::default().spin.spun_from);
            let sketch = near.sketch(document, &IN_LEXICON);
            let shingles = near.shingles(&sketch);
            all.push((night, rank, sketch, shingles));
        }
    }
    all.sort_by_key(|it| (it.0, it.1));
    let mut kept: Vec<Id> = Vec::new();
    for (night, rank, sketch, shingles) in &all {
        let mut better = all.iter().take_while(|it| (it.0, it.1) < (*night, *rank));
        let copy = better.any(|(earlier, better, keys, other)| {
            let common = |kind| {
                let posted = |key: &&Key| key.posted && key.value >> (KEY_BITS - 1) == kind;
                let asked = |key: &&Key| sketch.keys.iter().any(|it| it.value == key.value);
                keys.keys.iter().filter(posted).filter(asked).count()
            };
            (earlier == night || kept.contains(&better.id))
                && (common(0) >= 2 || common(1) >= 2)
                && near.compare(other, shingles).is_some()
        });
        if !copy {
            kept.push(rank.id);
        }
    }
    kept.sort();
    kept
}

fn without(documents: &[Document], findings: &[NearFinding]) -> Vec<Id> {
    let lost: Vec<u64> = findings.iter().filter(|f| !f.kept).map(|f| f.ordinal).collect();
    let ids = documents.iter().enumerate().filter(|(i, _)| !lost.contains(&(*i as u64)));
    let mut ids: Vec<Id> = ids.map(|(_, document)| document.origin.id).collect();
    ids.sort();
    ids
}

#[test]
fn kept_is_what_is_a_copy_of_nothing_better() {
    let documents = corpus(900);
    let findings = find(&documents, 1 << 30);
    let kept = without(&documents, &findings);
    assert_eq!(kept, kept_by_definition(&[&documents]));
    assert!(kept.len() < 800, "the corpus has copies: {} kept", kept.len());
}

#[test]
fn of_spins_alone_the_least_spun_is_kept_and_an_original_before_all() {
    let words: Vec<_> = (0..120).map(|at| format!("w{}", mix(at) >> 44)).collect();
    let document = |id: u64, length: usize, spun: f64| {
        let origin = Origin { id: Id(id.into()), ..Origin::default() };
        let mut document = Document::new(origin, words[..length].join(" "));
        document.signals.insert("spun_score", spun);
        document
    };
    // The more spun, the longer.
    let (spun, more) = (document(2, 118, 0.3), document(1, 120, 0.6));
    let kept = |documents: &[Document]| without(documents, &find(documents, 1 << 20));
    assert_eq!(kept(&[more.clone(), spun.clone()]), [Id(2)]);
    assert_eq!(kept(&[more, spun, document(3, 116, 0.0)]), [Id(3)]);
}

#[test]
fn every_cluster_has_its_size_one_kept_document_and_its_name() {
    let documents = corpus(900);
    let mut clusters: BTreeMap<Id, Vec<NearFinding>> = BTreeMap::new();
    for finding in find(&documents, 1 << 30) {
        assert_eq!(finding.id, documents[finding.ordinal as usize].origin.id);
        clusters.entry(finding.cluster).or_default().push(finding);
    }
    for (cluster, members) in clusters {
        let kept: Vec<_> = members.iter().filter(|member| member.kept).collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].id, cluster);
        for member in &members {
            assert_eq!(member.size as usize, members.len());
            assert!((0.0..=1.0).contains(&member.likeness.similarity));
        }
    }
}

#[test]
fn order_and_memory_do_not_show() {
    let documents = corpus(900);
    let by_id = |documents: &[Document], memory| {
        let mut found: Vec<_> = find(documents, memory)
            .into_iter()
            .map(|f| {
                (
                    f.id,
                    f.cluster,
                    f.kept,
                    f.likeness.similarity.to_bits(),
                    f.likeness.reason,
                    f.size,
                )
            })
            .collect();
        found.sort();
        found
    };
    let expected = by_id(&documents, 1 << 30);
    let mut other = documents.clone();
    other.reverse();
    other.rotate_left(123);
    assert!(by_id(&other, 1 << 30) == expected);
    assert!(by_id(&documents, 0) == expected, "with the least memory, all is spilled");
}

#[test]
fn order_does_not_show_in_large_groups_either() {
    // Two hundred copies of one page, each with some words of its own.
    let documents: Vec<_> = (0..200u64)
        .map(|i| {
            let mut words: Vec<_> = (0..120).map(|at| format!("w{at}")).collect();
            (0..15).for_each(|k| words[(mix(i * 64 + k) % 120) as usize] = format!("x{i}y{k}"));
            let origin = Origin { id: Id(mix(i).into()), ..Origin::default() };
            Document::new(origin, words.join(" "))
        })
        .collect();
    let mut other = documents.clone();
    other.reverse();
    assert!(without(&documents, &find(&documents, 1 << 20)) == without(&other, &find(&other, 0)));
}

#[test]
fn night_by_night_is_one_run_with_earlier_nights_first() {
    let documents = corpus(900);
    let nights: Vec<&[Document]> = documents.chunks(300).collect();
    let dir = tempfile::tempdir().unwrap();
    let index = |n: usize| dir.path().join(n.to_string());
    let mut kept: Vec<Vec<Id>> = Vec::new();
    let mut published: Vec<Published> = Vec::new();
    let mut foreign = 0;
    for (n, night) in nights.iter().enumerate() {
        let spill = tempfile::tempdir().unwrap();
        fs::create_dir(index(n)).unwrap();
        let open = |i| earlier(&format!("night{i}"), &index(i), &published[i]).unwrap();
        let mut pass = pass(spill.path(), 1 << 20).against((0..n).map(open).collect()).keep_keys();
        observe(&mut pass, night);
        let found = pass.finish().unwrap();
        let names = found.datasets.clone();
        let findings: Vec<_> = found.map(Result::unwrap).collect();
        for finding in &findings {
            // A winner lies where the finding says, and was kept there.
            if let Some(name) = names.get(usize::from(finding.dataset)) {
                foreign += 1;
                let of: usize = name.strip_prefix("night").unwrap().parse().unwrap();
                assert!(kept[of].contains(&finding.cluster));
            }
        }
        kept.push(without(night, &findings));
        published.push(publish(spill.path(), &index(n), night, &kept[n]));
    }
    let mut kept = kept.concat();
    kept.sort();
    assert_eq!(kept, kept_by_definition(&nights));
    assert!(foreign > 50, "later nights repeat earlier ones: {foreign}");
}

#[test]
fn damage_is_found_and_named() {
    let documents = corpus(300);
    let (spill, index) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = pass(spill.path(), 1 << 20).keep_keys();
    observe(&mut first, &documents);
    let findings: Vec<_> = first.finish().unwrap().map(Result::unwrap).collect();
    let kept = without(&documents, &findings);
    let published = publish(spill.path(), index.path(), &documents, &kept);
    let run = || {
        let spill = tempfile::tempdir().unwrap();
        let earlier = earlier("before", index.path(), &published)?;
        let mut again = pass(spill.path(), 1 << 20).against(vec![earlier]);
        observe(&mut again, &documents);
        again.finish()?.try_for_each(|found| found.map(drop))
    };
    let path = index.path().join("near.keys");
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = run().expect_err("a flipped bit").to_string();
    assert!(error.contains("near.keys"), "{error}");
    fs::write(&path, &whole).unwrap();
    run().unwrap();
    // Keys that were drawn otherwise cannot be compared.
    let mut config = Config::default();
    config.near.key_shingle += 1;
    let error = Earlier::open("before", index.path(), &config, Box::new(published));
    let error = error.err().unwrap().to_string();
    assert!(error.contains("near.keys") && error.contains("7 words"), "{error}");
}

#[test]
fn a_thousand_pages_of_one_template_cost_no_million_comparisons() {
    // Half of each page is the same, the other half its own: every second key is in a large group.
    let documents: Vec<_> = (0..1000u64)
        .map(|i| {
            let shared = (0..60).map(|at| format!("w{at}"));
            let own = (0..140).map(|at| format!("p{i}q{at}"));
            let origin = Origin { id: Id(i.into()), ..Origin::default() };
            Document::new(origin, shared.chain(own).collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(find(&documents, 1 << 20), [], "a template alone makes no copy");
}
