//! Lines over an axis, each with a sign of its own, so that they can be told apart without colour.

use plotters::element::{Circle, Cross, EmptyElement, Polygon, Rectangle, Text, TriangleMarker};
use plotters::prelude::LineSeries;
use plotters::style::text_anchor::HPos;

use super::axes::axes;
use super::{Area, Axis, Drawn, Ink, SERIES, draw, short};

const SIZE: [u32; 2] = [460, 300];
/// How high a row of the legend is, and how many names it has.
const ROW: i32 = 18;
const PER_ROW: usize = 3;
/// How many signs a line has.
const SIGNS: usize = 6;

/// One line.
#[derive(Debug, Clone)]
pub(in crate::render) struct Line {
    /// What it shows.
    pub(in crate::render) name: String,
    /// Its places, from left to right.
    pub(in crate::render) points: Vec<(f64, f64)>,
}

/// Draws the first six lines.
pub(in crate::render) fn lines(
    id: &str,
    title: &str,
    description: &str,
    x: &Axis,
    y: &Axis,
    lines: &[Line],
) -> Option<String> {
    if lines.iter().all(|line| line.points.len() < 2) {
        return None;
    }
    let rows = lines.len().min(SERIES).div_ceil(PER_ROW) as i32;
    draw(id, SIZE, title, description, |area| {
        let (legend, below) = area.split_vertically(rows * ROW + 4);
        let numbered = || lines.iter().take(SERIES).enumerate();
        for (number, line) in numbered() {
            named(&legend, number, &line.name)?;
        }
        let mut chart = axes(&below, x, y)?;
        for (number, line) in numbered() {
            let ink = Ink::Series(number as u8);
            chart.draw_series(LineSeries::new(line.points.iter().copied(), ink.stroke(2)))?;
            // Signs of several lines lie apart, so that one does not hide the other.
            let every = line.points.len().div_ceil(SIGNS).max(1);
            let places = line.points.iter().skip(number % every).step_by(every);
            for &(across, up) in places {
                let at = chart.backend_coord(&(across, up));
                let (from_x, from_y) = below.get_base_pixel();
                sign(&below, number, (at.0 - from_x, at.1 - from_y))?;
            }
        }
        Ok(())
    })
}

fn named(area: &Area<'_>, number: usize, name: &str) -> Drawn {
    let across = 86 + (number % PER_ROW) as i32 * 124;
    let down = 10 + (number / PER_ROW) as i32 * ROW;
    area.draw(&plotters::element::PathElement::new(
        [(across, down), (across + 20, down)],
        Ink::Series(number as u8).stroke(2),
    ))?;
    sign(area, number, (across + 10, down))?;
    let words = Ink::Text.words(12.0, HPos::Left);
    area.draw(&Text::new(short(name, 15), (across + 26, down), words))?;
    Ok(())
}

/// The sign of a line: no two are the same.
fn sign(area: &Area<'_>, number: usize, (across, down): (i32, i32)) -> Drawn {
    let ink = Ink::Series(number as u8);
    let at = EmptyElement::at((across, down));
    match number {
        0 => area.draw(&(at + Circle::new((0, 0), 4, ink.filled())))?,
        1 => area.draw(&(at + Rectangle::new([(-4, -4), (4, 4)], ink.filled())))?,
        2 => area.draw(&(at + TriangleMarker::new((0, 0), 5, ink.filled())))?,
        3 => area.draw(&(at + Cross::new((0, 0), 4, ink.stroke(2))))?,
        4 => {
            let corners = [(0, -5), (5, 0), (0, 5), (-5, 0)];
            area.draw(&(at + Polygon::new(corners.to_vec(), ink.filled())))?;
        }
        _ => {
            let ring = Circle::new((0, 0), 4, Ink::Page.filled());
            area.draw(&(at + ring + Circle::new((0, 0), 4, ink.stroke(2))))?;
        }
    }
    Ok(())
}
