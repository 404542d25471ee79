use std::fmt::Write;

use super::html::{number, plain, share};

/// One bar of a histogram.
pub(super) struct Bin {
    /// What the axis says below its left edge; nothing for most.
    pub(super) tick: String,
    /// What it counts, for the tooltip.
    pub(super) title: String,
    pub(super) count: u64,
}

/// Bars side by side over one axis.
pub(super) fn histogram(label: &str, bins: &[Bin]) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 160.0;
    let highest = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
    let step = WIDTH / bins.len().max(1) as f64;
    let mut out = format!(
        "<svg viewBox=\"-4 -18 {} {}\" role=img aria-label=\"{}\">\
         <line class=axis x1=0 x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />\
         <text x=0 y=-6 class=small>tallest bar: {}</text>",
        WIDTH + 24.0,
        HEIGHT + 40.0,
        plain(label),
        number(highest),
    );
    for (i, bin) in bins.iter().enumerate() {
        let x = i as f64 * step;
        let height = HEIGHT * bin.count as f64 / highest as f64;
        // What is there must be seen.
        let height = if bin.count > 0 { height.max(1.5) } else { 0.0 };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<rect class=bin x={:.1} y={:.1} width={:.1} height={height:.1}>\
             <title>{}: {}</title></rect>",
            x + 0.5,
            HEIGHT - height,
            (step - 1.0).max(0.5),
            plain(&bin.title),
            number(bin.count),
        );
        if !bin.tick.is_empty() {
            let _ = write!(
                out,
                "<text x={x:.1} y={} class=small>{}</text>",
                HEIGHT + 15.0,
                plain(&bin.tick)
            );
        }
    }
    out + "</svg>"
}

/// The flow of the input records into documents and rejections: bands as thick as their counts.
pub(super) fn flow(records: u64, documents: u64, reasons: &[(String, u64)]) -> String {
    const BODY: f64 = 220.0;
    const ROW: f64 = 22.0;
    let whole = records.max(1) as f64;
    let mut rows = vec![("documents".to_owned(), documents, "kept")];
    rows.extend(reasons.iter().map(|(name, n)| (name.clone(), *n, "lost")));

    // Bands keep their proportions on the left, and room for their labels on the right.
    let mut marks = String::new();
    let (mut from, mut to) = (0.0, 0.0);
    for (name, n, class) in &rows {
        let thick = BODY * *n as f64 / whole;
        let seen = thick.max(if *n > 0 { 1.5 } else { 0.0 });
        // Writing to a string cannot fail.
        let _ = write!(
            marks,
            "<path class={class} d=\"M12 {from:.1}C150 {from:.1} 150 {to:.1} 290 {to:.1}\
             v{seen:.1}C150 {:.1} 150 {:.1} 12 {:.1}z\"/>\
             <rect class=\"{class} end\" x=290 y={to:.1} width=10 height={seen:.1} />\
             <text x=308 y={:.1}>{} <tspan class=n>{}</tspan> \
             <tspan class=small>{}</tspan></text>",
            to + seen,
            from + thick,
            from + thick,
            to + (seen / 2.0).max(5.0) + 4.0,
            plain(name),
            number(*n),
            share(*n, records),
        );
        from += thick;
        to += seen.max(ROW - 4.0) + 4.0;
    }
    format!(
        "<svg viewBox=\"0 -22 640 {:.0}\" role=img aria-label=\"flow of the records\">\
         <text x=0 y=-8>{} input records</text>\
         <rect class=source x=0 y=0 width=12 height={BODY} />{marks}</svg>",
        to.max(BODY) + 30.0,
        number(records),
    )
}
