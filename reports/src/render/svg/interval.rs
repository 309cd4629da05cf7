//! Where a ratio lies beside its tolerance: a small picture for a row of a table.

use plotters::element::{Circle, PathElement, Polygon, Rectangle};

use super::{Area, Drawn, Ink, draw};

const WIDTH: i32 = 220;
const HEIGHT: i32 = 28;
/// So many tolerances are shown on each side of no change; what lies beyond ends in an arrow.
const REACH: f64 = 3.0;

/// Where the change of a value lies, in parts of the base: 0.05 is five per cent more.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Span {
    pub(in crate::render) low: f64,
    pub(in crate::render) median: f64,
    pub(in crate::render) high: f64,
    pub(in crate::render) tolerance: f64,
    /// Where the change of the base beside itself lies, for times.
    pub(in crate::render) floor: Option<[f64; 2]>,
    pub(in crate::render) ink: Ink,
}

/// Draws it with no change in the middle and the tolerance at the same place for all.
pub(in crate::render) fn interval(
    id: &str,
    title: &str,
    description: &str,
    span: &Span,
) -> Option<String> {
    let sizes = [span.low, span.median, span.high, span.tolerance];
    if sizes.iter().any(|size| !size.is_finite()) {
        return None;
    }
    // Where nothing is allowed, a hundredth is far.
    let unit = if span.tolerance > 0.0 { span.tolerance } else { 0.01 };
    let at = |change: f64| {
        let part = (change / unit).clamp(-REACH, REACH) / REACH;
        WIDTH / 2 + (part * f64::from(WIDTH / 2 - 10)).round() as i32
    };
    draw(id, [WIDTH as u32, HEIGHT as u32], title, description, |area| {
        let line = |from: (i32, i32), to: (i32, i32), ink: Ink, width| {
            area.draw(&PathElement::new([from, to], ink.stroke(width)))
        };
        if let Some([low, high]) = span.floor {
            let corners = [(at(low), 3), (at(high).max(at(low) + 1), HEIGHT - 3)];
            area.draw(&Rectangle::new(corners, Ink::Floor.filled()))?;
        }
        let middle = HEIGHT / 2;
        line((0, middle), (WIDTH, middle), Ink::Rule, 1)?;
        line((WIDTH / 2, 3), (WIDTH / 2, HEIGHT - 3), Ink::Quiet, 1)?;
        // The tolerance is a broken line, so that it is not taken for no change.
        for top in (2..HEIGHT - 2).step_by(6) {
            line((at(span.tolerance), top), (at(span.tolerance), top + 3), Ink::Text, 2)?;
        }
        let (low, high) = (at(span.low), at(span.high));
        line((low, middle), (high, middle), span.ink, 3)?;
        for end in [low, high] {
            line((end, middle - 4), (end, middle + 4), span.ink, 2)?;
        }
        if span.median.abs() > REACH * unit {
            arrow(area, at(span.median), span)?;
        } else {
            area.draw(&Circle::new((at(span.median), middle), 5, span.ink.filled()))?;
        }
        Ok(())
    })
}

/// Says that it goes on in this direction.
fn arrow(area: &Area<'_>, at: i32, span: &Span) -> Drawn {
    let (tip, back) = if span.median > 0.0 { (at + 8, at - 4) } else { (at - 8, at + 4) };
    let corners = vec![(tip, HEIGHT / 2), (back, HEIGHT / 2 - 7), (back, HEIGHT / 2 + 7)];
    area.draw(&Polygon::new(corners, span.ink.filled()))?;
    Ok(())
}
