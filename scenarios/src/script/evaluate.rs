//! The value of an expression, as pgbench 16 computes it.

use rand::rngs::SmallRng;

use super::{hash, random};
use crate::values;
use crate::workload::{Expression, Function, Value};

/// What an expression can refer to.
#[derive(Debug)]
pub struct Scope<'a> {
    /// By slot.
    pub variables: &'a [Value],
    /// The row of each pick of the operation.
    pub rows: &'a [&'a [Value]],
    /// Where random values come from.
    pub random: &'a mut SmallRng,
    /// The number of the operation in its run, which makes made values unique.
    pub number: u64,
}

/// A result whose error is a lower-case message: `division by zero`.
type Result<T> = std::result::Result<T, String>;

/// The value of an expression.
///
/// # Errors
/// What pgbench refuses too: a division by zero, an overflow, a value of the wrong type.
pub fn evaluate(expression: &Expression, scope: &mut Scope<'_>) -> Result<Value> {
    match expression {
        Expression::Constant(value) => Ok(value.clone()),
        Expression::Variable(slot) => {
            scope.variables.get(*slot).cloned().ok_or_else(|| "an unknown variable".to_owned())
        }
        Expression::Key { pick, column } => {
            let row = scope.rows.get(*pick).and_then(|row| row.get(*column));
            row.cloned().ok_or_else(|| "a row that was not read".to_owned())
        }
        Expression::Fake(fake) => Ok(values::fake(*fake, scope.random, scope.number)),
        Expression::Case { branches, otherwise } => {
            for (when, then) in branches {
                let when = evaluate(when, scope)?;
                if when != Value::Null && truth(&when)? {
                    return evaluate(then, scope);
                }
            }
            evaluate(otherwise, scope)
        }
        Expression::Call { function, arguments } => call(*function, arguments, scope),
    }
}

fn call(function: Function, arguments: &[Expression], scope: &mut Scope<'_>) -> Result<Value> {
    // These two look at their right side only if the left does not decide.
    if let (Function::And | Function::Or, [left, right]) = (function, arguments) {
        return logical(function == Function::Or, left, right, scope);
    }
    match arguments {
        [] => Ok(Value::Double(std::f64::consts::PI)),
        [one] => {
            let one = evaluate(one, scope)?;
            unary(function, one)
        }
        [left, right] => {
            let (left, right) = (evaluate(left, scope)?, evaluate(right, scope)?);
            binary(function, left, right, scope)
        }
        all => {
            let mut values = Vec::with_capacity(all.len());
            for one in all {
                values.push(evaluate(one, scope)?);
            }
            many(function, &values, scope)
        }
    }
}

fn logical(
    or: bool,
    left: &Expression,
    right: &Expression,
    scope: &mut Scope<'_>,
) -> Result<Value> {
    let left = evaluate(left, scope)?;
    if left != Value::Null && truth(&left)? == or {
        return Ok(Value::Boolean(or));
    }
    let right = evaluate(right, scope)?;
    if right != Value::Null && truth(&right)? == or {
        return Ok(Value::Boolean(or));
    }
    let unknown = left == Value::Null || right == Value::Null;
    Ok(if unknown { Value::Null } else { Value::Boolean(!or) })
}

fn unary(function: Function, value: Value) -> Result<Value> {
    match function {
        Function::Debug => return Ok(value),
        Function::Greatest | Function::Least => return Ok(value),
        _ if value == Value::Null => return Ok(Value::Null),
        _ => {}
    }
    Ok(match (function, &value) {
        (Function::Not, _) => Value::Boolean(!truth(&value)?),
        (Function::Negate, Value::Integer(number)) => {
            Value::Integer(number.checked_neg().ok_or_else(out_of_range)?)
        }
        (Function::Negate, _) => Value::Double(-double(&value)?),
        (Function::BitNot, _) => Value::Integer(!integer(&value)?),
        (Function::Abs, Value::Integer(number)) => {
            Value::Integer(number.checked_abs().ok_or_else(out_of_range)?)
        }
        (Function::Abs, _) => Value::Double(double(&value)?.abs()),
        (Function::Double, _) => Value::Double(double(&value)?),
        (Function::Int, _) => Value::Integer(integer(&value)?),
        (Function::Sqrt, _) => Value::Double(double(&value)?.sqrt()),
        (Function::Exp, _) => Value::Double(double(&value)?.exp()),
        (Function::Ln, _) => Value::Double(double(&value)?.ln()),
        _ => return Err("a function with the wrong number of arguments".to_owned()),
    })
}

fn binary(function: Function, left: Value, right: Value, scope: &mut Scope<'_>) -> Result<Value> {
    match function {
        Function::Is => return Ok(Value::Boolean(left == right)),
        Function::Greatest | Function::Least => return many(function, &[left, right], scope),
        _ if left == Value::Null || right == Value::Null => return Ok(Value::Null),
        Function::Random => {
            let (low, high) = (integer(&left)?, integer(&right)?);
            return random::uniform(low, high, scope.random).map(Value::Integer);
        }
        Function::HashFnv1a => {
            return Ok(Value::Integer(hash::fnv1a(integer(&left)?, integer(&right)?)));
        }
        Function::HashMurmur2 => {
            return Ok(Value::Integer(hash::murmur2(integer(&left)?, integer(&right)?)));
        }
        Function::Power => return Ok(Value::Double(double(&left)?.powf(double(&right)?))),
        _ => {}
    }
    if let Some(value) = bits(function, &left, &right) {
        return value.map(Value::Integer);
    }
    let doubles = matches!(left, Value::Double(_)) || matches!(right, Value::Double(_));
    if function == Function::Equal || function == Function::NotEqual {
        let equal = match (&left, &right) {
            (Value::Boolean(left), Value::Boolean(right)) => left == right,
            (Value::Text(left), Value::Text(right)) => left == right,
            _ if doubles => double(&left)? == double(&right)?,
            _ => integer(&left)? == integer(&right)?,
        };
        return Ok(Value::Boolean(equal == (function == Function::Equal)));
    }
    if doubles {
        let (left, right) = (double(&left)?, double(&right)?);
        return Ok(match function {
            Function::Add => Value::Double(left + right),
            Function::Subtract => Value::Double(left - right),
            Function::Multiply => Value::Double(left * right),
            Function::Divide => Value::Double(left / right),
            Function::Less => Value::Boolean(left < right),
            Function::LessOrEqual => Value::Boolean(left <= right),
            Function::Modulo => Value::Integer(modulo(rounded(left)?, rounded(right)?)?),
            _ => return Err("a function with the wrong number of arguments".to_owned()),
        });
    }
    let (left, right) = (integer(&left)?, integer(&right)?);
    let checked = |value: Option<i64>| value.map(Value::Integer).ok_or_else(out_of_range);
    match function {
        Function::Add => checked(left.checked_add(right)),
        Function::Subtract => checked(left.checked_sub(right)),
        Function::Multiply => checked(left.checked_mul(right)),
        Function::Divide if right == 0 => Err("division by zero".to_owned()),
        Function::Divide => checked(left.checked_div(right)),
        Function::Modulo => modulo(left, right).map(Value::Integer),
        Function::Less => Ok(Value::Boolean(left < right)),
        Function::LessOrEqual => Ok(Value::Boolean(left <= right)),
        _ => Err("a function with the wrong number of arguments".to_owned()),
    }
}

fn modulo(left: i64, right: i64) -> Result<i64> {
    if right == 0 {
        return Err("division by zero".to_owned());
    }
    Ok(left.checked_rem(right).unwrap_or(0))
}

fn bits(function: Function, left: &Value, right: &Value) -> Option<Result<i64>> {
    let apply: fn(i64, i64) -> i64 = match function {
        Function::BitAnd => |left, right| left & right,
        Function::BitOr => |left, right| left | right,
        Function::BitXor => |left, right| left ^ right,
        Function::ShiftLeft => |left, right| left.wrapping_shl(right as u32),
        Function::ShiftRight => |left, right| left.wrapping_shr(right as u32),
        _ => return None,
    };
    Some(integer(left).and_then(|left| Ok(apply(left, integer(right)?))))
}

fn many(function: Function, values: &[Value], scope: &mut Scope<'_>) -> Result<Value> {
    if values.contains(&Value::Null) {
        return Ok(Value::Null);
    }
    match (function, values) {
        (Function::Greatest | Function::Least, all) => extreme(function == Function::Greatest, all),
        (Function::Permute, [value, size, seed]) => {
            let (value, size) = (integer(value)?, integer(size)?);
            if size <= 0 {
                return Err("permute size parameter must be greater than zero".to_owned());
            }
            Ok(Value::Integer(hash::permute(value, size, integer(seed)?)))
        }
        (_, [low, high, parameter]) => {
            let (low, high, parameter) = (integer(low)?, integer(high)?, double(parameter)?);
            match function {
                Function::RandomExponential => {
                    random::exponential(low, high, parameter, scope.random)
                }
                Function::RandomGaussian => random::gaussian(low, high, parameter, scope.random),
                Function::RandomZipfian => random::zipfian(low, high, parameter, scope.random),
                _ => Err("a function with the wrong number of arguments".to_owned()),
            }
            .map(Value::Integer)
        }
        _ => Err("a function with the wrong number of arguments".to_owned()),
    }
}

fn extreme(greatest: bool, values: &[Value]) -> Result<Value> {
    if values.iter().any(|value| matches!(value, Value::Double(_))) {
        let mut all = Vec::new();
        for value in values {
            all.push(double(value)?);
        }
        let pick = if greatest { f64::max } else { f64::min };
        return Ok(Value::Double(all.into_iter().reduce(pick).unwrap_or_default()));
    }
    let mut all = Vec::new();
    for value in values {
        all.push(integer(value)?);
    }
    let found = if greatest { all.iter().max() } else { all.iter().min() };
    Ok(Value::Integer(found.copied().unwrap_or_default()))
}

/// Whether a condition holds; null does not.
///
/// # Errors
/// If the value is neither a truth value nor a number.
pub fn condition(value: &Value) -> Result<bool> {
    match value {
        Value::Null => Ok(false),
        Value::Double(number) => Ok(*number != 0.0),
        Value::Integer(number) => Ok(*number != 0),
        other => truth(other),
    }
}

fn truth(value: &Value) -> Result<bool> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        other => Err(format!("cannot coerce {} to boolean", super::render(other))),
    }
}

fn integer(value: &Value) -> Result<i64> {
    match value {
        Value::Integer(number) => Ok(*number),
        Value::Double(number) => rounded(*number),
        Value::Text(text) => text.trim().parse().map_err(|_| format!("`{text}` is no integer")),
        other => Err(format!("cannot coerce {} to int", super::render(other))),
    }
}

fn rounded(number: f64) -> Result<i64> {
    let rounded = number.round_ties_even();
    // The bounds as doubles: the upper one is one more than the largest integer.
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded);
    if fits { Ok(rounded as i64) } else { Err("double to int overflow".to_owned()) }
}

fn double(value: &Value) -> Result<f64> {
    match value {
        Value::Integer(number) => Ok(*number as f64),
        Value::Double(number) => Ok(*number),
        Value::Text(text) => text.trim().parse().map_err(|_| format!("`{text}` is no number")),
        other => Err(format!("cannot coerce {} to double", super::render(other))),
    }
}

fn out_of_range() -> String {
    "bigint out of range".to_owned()
}
