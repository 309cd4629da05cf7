//! In which order rows can be put into tables that refer to each other.

use super::shape::Shape;
use crate::catalog::Name;

/// Parents before their children. Among those in a circle, the ones that need the fewest others
/// come first; within equals the order of names.
pub fn sorted(mut shapes: Vec<Shape>) -> Vec<Shape> {
    shapes.sort_by(|one, other| one.name().cmp(other.name()));
    let mut done: Vec<Shape> = Vec::with_capacity(shapes.len());
    while !shapes.is_empty() {
        let waits = |shape: &Shape, required: bool| {
            let open = shape.links.iter().filter(|link| {
                (link.required || !required)
                    && link.parent != link.child
                    && shapes.iter().any(|other| *other.name() == link.parent)
            });
            open.count()
        };
        // What needs nothing, not even where it might do without, comes first.
        let next = (0..shapes.len())
            .min_by_key(|place| (waits(&shapes[*place], true), waits(&shapes[*place], false)))
            .unwrap_or(0);
        done.push(shapes.remove(next));
    }
    done
}

/// The circle of required foreign keys that the table is in: `a needs b, b needs a`.
pub fn required_cycle(shapes: &[&Shape], shape: &Shape) -> Option<String> {
    let mut path: Vec<&Name> = vec![shape.name()];
    walk(shapes, shape, shape.name(), &mut path).then(|| {
        path.push(shape.name());
        let steps = path.iter().zip(path.iter().skip(1));
        steps.map(|(one, other)| format!("{one} needs {other}")).collect::<Vec<_>>().join(", ")
    })
}

fn walk<'a>(shapes: &[&'a Shape], at: &'a Shape, goal: &Name, path: &mut Vec<&'a Name>) -> bool {
    for link in at.links.iter().filter(|link| link.required && link.parent != link.child) {
        if link.parent == *goal {
            return true;
        }
        if path.contains(&&link.parent) {
            continue;
        }
        if let Some(next) = shapes.iter().find(|shape| *shape.name() == link.parent) {
            path.push(next.name());
            if walk(shapes, next, goal, path) {
                return true;
            }
            path.pop();
        }
    }
    false
}
