//! Two axes with the grid behind what is drawn between them.

use std::ops::Range;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::SVGBackend;
use plotters::style::TRANSPARENT;
use plotters::style::text_anchor::HPos;

use super::{Area, Ink};

/// An axis from the first to the last of its marks.
#[derive(Debug, Clone)]
pub(in crate::render) struct Axis {
    /// What it measures, with its unit.
    pub(in crate::render) title: String,
    /// Places with what is written there.
    pub(in crate::render) marks: Vec<(f64, String)>,
}

/// What is drawn on between two axes.
pub(super) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

impl Axis {
    /// Where it begins and ends; an axis of one place is a little longer.
    pub(super) fn ends(&self) -> (f64, f64) {
        let from = self.marks.first().map_or(0.0, |mark| mark.0);
        let to = self.marks.last().map_or(1.0, |mark| mark.0);
        if to > from { (from, to) } else { (from, from + 1.0) }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (from, to) = self.ends();
        let part = ((value - from) / (to - from)).clamp(0.0, 1.0);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // The marks are few and meant to be seen; there are no finer ones between them.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.marks.iter().map(|mark| mark.0).collect()
    }

    fn range(&self) -> Range<f64> {
        let (from, to) = self.ends();
        from..to
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let near = |mark: &&(f64, String)| (mark.0 - value).abs() < 1e-9;
        self.marks.iter().find(near).map(|mark| mark.1.clone()).unwrap_or_default()
    }
}

/// Draws the axes and gives what is between them.
pub(super) fn axes<'a, 'b>(
    area: &'a Area<'b>,
    x: &Axis,
    y: &Axis,
) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin_top(8)
        .margin_left(6)
        .margin_right(28)
        .x_label_area_size(40)
        .y_label_area_size(80)
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart
        .configure_mesh()
        .bold_line_style(Ink::Rule.stroke(1))
        .light_line_style(TRANSPARENT)
        .axis_style(Ink::Quiet.stroke(1))
        .label_style(Ink::Quiet.words(12.0, HPos::Center))
        .axis_desc_style(Ink::Quiet.words(12.0, HPos::Center))
        .x_desc(x.title.as_str())
        .y_desc(y.title.as_str())
        .draw()?;
    Ok(chart)
}

/// Round places from `low` to `high` and a little beyond, about seven of them, each a multiple of
/// 1, 2 or 5 times a power of ten.
pub(in crate::render) fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low, low + 1.0];
    }
    let power = 10_f64.powf((span / 6.0).log10().floor());
    let fine = span / 6.0 / power;
    let step = power * [1.0, 2.0, 5.0].into_iter().find(|step| fine <= *step).unwrap_or(10.0);
    let from = (low / step).floor();
    let count = ((high / step).ceil() - from) as usize;
    (0..=count.min(20)).map(|index| (from + index as f64) * step).collect()
}
