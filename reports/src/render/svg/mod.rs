//! Pictures of a report, as SVG to be put into a page: one file for each.
//!
//! plotters knows only literal colours, and a page has other ones in the light than in the dark.
//! So it draws with stand-ins, which are then replaced by variables of the page's style sheet.

mod axes;
mod bars;
mod front;
mod heat;
mod interval;
mod lines;

pub(super) use axes::{Axis, ticks};
pub(super) use bars::{Bar, bars};
pub(super) use front::{Dot, Mark, front};
pub(super) use heat::{Grid, Square, heat};
pub(super) use interval::{Span, interval};
pub(super) use lines::{Line, lines};

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::clean;

/// What plotters draws on, in pixels.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Drawing into memory fails only where a picture makes no sense: an axis without a length.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A colour by what it means. Its variable in the style sheet is the name of the variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// What is read: names and figures.
    Text,
    /// Axes and what stands beside them.
    Quiet,
    /// Lines behind the picture.
    Rule,
    /// The page itself.
    Page,
    /// One of several lines, bars or points, from 0.
    Series(u8),
    /// What held, or is advised.
    Good,
    /// What did not.
    Bad,
    /// What nobody decided.
    Doubt,
    /// What the machine cannot tell apart.
    Floor,
    /// A step from little to much, from 0 to [`HEATS`].
    Heat(u8),
    /// What is written on such a step.
    OnHeat(u8),
}

/// How many lines can be told apart in one picture.
pub(super) const SERIES: usize = 6;

/// The hottest step of a heat map.
pub(super) const HEATS: u8 = 6;

/// The style sheet's variables, in the order of their stand-ins.
const VARIABLES: [&str; 28] = [
    "text",
    "quiet",
    "rule",
    "page",
    "good",
    "bad",
    "doubt",
    "floor",
    "series-0",
    "series-1",
    "series-2",
    "series-3",
    "series-4",
    "series-5",
    "heat-0",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
    "heat-5",
    "heat-6",
    "on-heat-0",
    "on-heat-1",
    "on-heat-2",
    "on-heat-3",
    "on-heat-4",
    "on-heat-5",
    "on-heat-6",
];

impl Ink {
    /// The colour that stands in for it: its place among the variables.
    pub(super) fn stand_in(self) -> RGBColor {
        let place = match self {
            Self::Text => 0,
            Self::Quiet => 1,
            Self::Rule => 2,
            Self::Page => 3,
            Self::Good => 4,
            Self::Bad => 5,
            Self::Doubt => 6,
            Self::Floor => 7,
            Self::Series(number) => 8 + number % SERIES as u8,
            Self::Heat(step) => 14 + step.min(HEATS),
            Self::OnHeat(step) => 21 + step.min(HEATS),
        };
        RGBColor(1, 2, place)
    }

    /// A surface of this colour.
    pub(super) fn filled(self) -> ShapeStyle {
        self.stand_in().filled()
    }

    /// A line of this colour, so many pixels wide.
    pub(super) fn stroke(self, width: u32) -> ShapeStyle {
        self.stand_in().stroke_width(width)
    }

    /// Words of this colour, this many pixels high, at this side of their place.
    pub(super) fn words(self, size: f64, side: HPos) -> TextStyle<'static> {
        // plotters takes its own sizes to be so much larger than those of SVG.
        ("sans-serif", size * 1.24)
            .into_font()
            .color(&self.stand_in())
            .pos(Pos::new(side, VPos::Center))
    }
}

/// A picture with what stands for it where it cannot be seen. `id` is unique in the page.
/// Nothing if there is nothing to draw.
pub(super) fn draw(
    id: &str,
    [width, height]: [u32; 2],
    title: &str,
    description: &str,
    paint: impl FnOnce(&Area<'_>) -> Drawn,
) -> Option<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        paint(&area).ok()?;
        area.present().ok()?;
    }
    let (_, inside) = svg.split_once('>')?;
    let mut inside = inside.to_owned();
    for (place, name) in VARIABLES.iter().enumerate() {
        // Quotes of a text are escaped, so that only attributes look like this.
        inside = inside.replace(&format!("\"#0102{place:02X}\""), &format!("\"var(--{name})\""));
    }
    let (title, description) = (escaped(title), escaped(description));
    Some(format!(
        "<svg class=\"picture\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-text\"><title id=\"{id}-title\">{title}</title>\
         <desc id=\"{id}-text\">{description}</desc>{}",
        compact(&inside)
    ))
}

/// Without the line breaks that plotters puts between elements and around texts, and without
/// what every element has anyway.
fn compact(svg: &str) -> String {
    svg.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "").replace('\n', "")
}

/// Words as a text of SVG or HTML.
fn escaped(words: &str) -> String {
    clean::line(words).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As much of a name as there is room for, which is about this many characters. Names of the
/// project are made fit to be shown here, since all of them come by.
fn short(words: &str, room: usize) -> String {
    let words = clean::line(words);
    if words.chars().count() <= room {
        return words;
    }
    let kept: String = words.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
