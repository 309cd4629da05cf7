//! Bars of two parts below each other: how long one waits, and how long the work itself takes.

use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::HPos;

use super::{Drawn, Ink, draw, short};

const WIDTH: u32 = 460;
/// How much room names and figures have beside the bars.
const LEFT: i32 = 120;
const RIGHT: i32 = 84;
/// How high a bar is with the gap below it.
const ROW: i32 = 26;
const HEAD: i32 = 26;

/// One bar.
#[derive(Debug, Clone)]
pub(in crate::render) struct Bar {
    pub(in crate::render) name: String,
    /// The lengths of its two parts.
    pub(in crate::render) parts: [f64; 2],
    /// What is written behind it.
    pub(in crate::render) figure: String,
}

/// Draws the bars with a legend of what their parts are.
pub(in crate::render) fn bars(
    id: &str,
    title: &str,
    description: &str,
    parts: [&str; 2],
    bars: &[Bar],
) -> Option<String> {
    let most = bars.iter().map(|bar| bar.parts[0] + bar.parts[1]).fold(0.0, f64::max);
    if !most.is_finite() || most <= 0.0 {
        return None;
    }
    let size = [WIDTH, (HEAD + ROW * bars.len() as i32 + 4) as u32];
    draw(id, size, title, description, |area| {
        for (number, name) in parts.into_iter().enumerate() {
            let across = LEFT + 170 * number as i32;
            part(area, number, [across, across + 12], 4)?;
            let words = Ink::Text.words(12.0, HPos::Left);
            area.draw(&Text::new(name, (across + 18, 10), words))?;
        }
        let room = f64::from(WIDTH as i32 - LEFT - RIGHT);
        for (number, bar) in bars.iter().enumerate() {
            let top = HEAD + ROW * number as i32;
            let until = |length: f64| LEFT + (length / most * room).round() as i32;
            let (middle, end) = (until(bar.parts[0]), until(bar.parts[0] + bar.parts[1]));
            part(area, 0, [LEFT, middle], top + 3)?;
            part(area, 1, [middle, end], top + 3)?;
            let name = Text::new(
                short(&bar.name, 18),
                (LEFT - 8, top + 10),
                Ink::Text.words(12.0, HPos::Right),
            );
            area.draw(&name)?;
            let figure = Ink::Text.words(12.0, HPos::Left);
            area.draw(&Text::new(bar.figure.clone(), (end + 6, top + 10), figure))?;
        }
        Ok(())
    })
}

/// A part of a bar. The first is filled; the second has an edge too, so that the two differ
/// without colour.
fn part(area: &super::Area<'_>, number: usize, [from, to]: [i32; 2], top: i32) -> Drawn {
    if to <= from {
        return Ok(());
    }
    let corners = [(from, top), (to, top + 13)];
    match number {
        0 => area.draw(&Rectangle::new(corners, Ink::Series(1).filled()))?,
        _ => {
            area.draw(&Rectangle::new(corners, Ink::Floor.filled()))?;
            area.draw(&Rectangle::new(corners, Ink::Series(0).stroke(1)))?;
        }
    }
    Ok(())
}
