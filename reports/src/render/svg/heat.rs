//! A heat map: two settings across and down, and how much each pair of them gives.

use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::HPos;

use super::{Area, Drawn, HEATS, Ink, draw, short};

/// How much room the names of rows have, if they have any, and the head.
const NAMES: i32 = 132;
const HEAD: i32 = 44;
const CELL: [i32; 2] = [88, 46];

/// What is measured of pairs of settings.
#[derive(Debug, Clone)]
pub(in crate::render) struct Grid {
    /// What is set across.
    pub(in crate::render) across: String,
    pub(in crate::render) columns: Vec<String>,
    pub(in crate::render) rows: Vec<String>,
    pub(in crate::render) squares: Vec<Square>,
}

/// What one pair of settings gives.
#[derive(Debug, Clone)]
pub(in crate::render) struct Square {
    pub(in crate::render) column: usize,
    pub(in crate::render) row: usize,
    /// The part of the most that any pair gives, from 0 to 1.
    pub(in crate::render) part: f64,
    /// The two lines that are written in it.
    pub(in crate::render) figures: [String; 2],
    /// Whether it is the one to take.
    pub(in crate::render) take: bool,
}

/// Draws the heat map.
pub(in crate::render) fn heat(
    id: &str,
    title: &str,
    description: &str,
    grid: &Grid,
) -> Option<String> {
    if grid.squares.is_empty() {
        return None;
    }
    let named = grid.rows.iter().any(|name| !name.is_empty());
    let left = if named { NAMES } else { 8 };
    let (columns, rows) = (grid.columns.len() as i32, grid.rows.len() as i32);
    let size = [left + CELL[0] * columns + 8, HEAD + CELL[1] * rows + 8];
    draw(id, size.map(|side| side as u32), title, description, |area| {
        let quiet = |side| Ink::Quiet.words(12.0, side);
        area.draw(&Text::new(grid.across.clone(), (left, 9), quiet(HPos::Left)))?;
        for (number, name) in grid.columns.iter().enumerate() {
            let at = (left + CELL[0] * number as i32 + CELL[0] / 2, 31);
            area.draw(&Text::new(short(name, 12), at, Ink::Text.words(13.0, HPos::Center)))?;
        }
        for (number, name) in grid.rows.iter().enumerate() {
            let at = (left - 10, HEAD + CELL[1] * number as i32 + CELL[1] / 2);
            area.draw(&Text::new(short(name, 20), at, Ink::Text.words(12.0, HPos::Right)))?;
        }
        // The edge of the one to take lies over its neighbours.
        for take in [false, true] {
            for square in grid.squares.iter().filter(|square| square.take == take) {
                self::square(area, left, square)?;
            }
        }
        Ok(())
    })
}

fn square(area: &Area<'_>, names: i32, square: &Square) -> Drawn {
    let left = names + CELL[0] * square.column as i32;
    let top = HEAD + CELL[1] * square.row as i32;
    let corners = [(left + 1, top + 1), (left + CELL[0] - 1, top + CELL[1] - 1)];
    // What gives less than half of the most is all the same cold.
    let step = ((square.part.clamp(0.5, 1.0) - 0.5) * 2.0 * f64::from(HEATS)).round() as u8;
    area.draw(&Rectangle::new(corners, Ink::Heat(step).filled()))?;
    let [above, below] = &square.figures;
    let middle = left + CELL[0] / 2;
    let words = |size| Ink::OnHeat(step).words(size, HPos::Center);
    let above = if square.take { format!("★ {above}") } else { above.clone() };
    area.draw(&Text::new(above, (middle, top + 17), words(13.0)))?;
    area.draw(&Text::new(below.clone(), (middle, top + 33), words(11.0)))?;
    if square.take {
        area.draw(&Rectangle::new(corners, Ink::Text.stroke(3)))?;
    }
    Ok(())
}
