//! What strategies gain on one side and cost on the other, and those that nothing else beats.

use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Text};
use plotters::prelude::LineSeries;
use plotters::style::text_anchor::HPos;

use super::axes::axes;
use super::{Area, Axis, Drawn, Ink, draw};

const SIZE: [u32; 2] = [460, 320];

/// One strategy.
#[derive(Debug, Clone)]
pub(in crate::render) struct Dot {
    /// What it is called in the picture.
    pub(in crate::render) number: usize,
    pub(in crate::render) at: (f64, f64),
    pub(in crate::render) mark: Mark,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Mark {
    Advised,
    Front,
    Beaten,
}

/// Draws the strategies, and the lines at which nothing is gained and nothing lost.
pub(in crate::render) fn front(
    id: &str,
    title: &str,
    description: &str,
    x: &Axis,
    y: &Axis,
    dots: &[Dot],
) -> Option<String> {
    if dots.is_empty() {
        return None;
    }
    draw(id, SIZE, title, description, |area| {
        let (legend, below) = area.split_vertically(24);
        for (number, (mark, name)) in
            [(Mark::Advised, "advised"), (Mark::Front, "on the front"), (Mark::Beaten, "beaten")]
                .into_iter()
                .enumerate()
        {
            let across = 92 + 120 * number as i32;
            sign(&legend, mark, (across, 11))?;
            let words = Ink::Text.words(12.0, HPos::Left);
            legend.draw(&Text::new(name, (across + 12, 11), words))?;
        }
        let mut chart = axes(&below, x, y)?;
        let ((left, right), (low, high)) = (x.ends(), y.ends());
        for line in [[(left, 0.0), (right, 0.0)], [(0.0, low), (0.0, high)]] {
            let inside = line
                .iter()
                .all(|at| (left..=right).contains(&at.0) && (low..=high).contains(&at.1));
            if inside {
                chart.draw_series(LineSeries::new(line, Ink::Quiet.stroke(1)))?;
            }
        }
        let (from_x, from_y) = below.get_base_pixel();
        // Those that matter lie over the others.
        for mark in [Mark::Beaten, Mark::Front, Mark::Advised] {
            for dot in dots.iter().filter(|dot| dot.mark == mark) {
                let at = chart.backend_coord(&dot.at);
                let at = (at.0 - from_x, at.1 - from_y);
                sign(&below, mark, at)?;
                let ink = if mark == Mark::Beaten { Ink::Quiet } else { Ink::Text };
                let words = ink.words(11.0, HPos::Left);
                below.draw(&Text::new(dot.number.to_string(), (at.0 + 8, at.1 - 6), words))?;
            }
        }
        Ok(())
    })
}

fn sign(area: &Area<'_>, mark: Mark, (across, down): (i32, i32)) -> Drawn {
    let at = EmptyElement::at((across, down));
    match mark {
        Mark::Advised => {
            let corners = [(0, -7), (7, 0), (0, 7), (-7, 0)];
            area.draw(&(at + Polygon::new(corners.to_vec(), Ink::Good.filled())))?;
        }
        Mark::Front => area.draw(&(at + Circle::new((0, 0), 5, Ink::Series(0).filled())))?,
        Mark::Beaten => {
            let cross = |from, to| PathElement::new([from, to], Ink::Quiet.stroke(1));
            area.draw(&(at + cross((-4, -4), (4, 4)) + cross((-4, 4), (4, -4))))?;
        }
    }
    Ok(())
}
