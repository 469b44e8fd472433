//! Values into the engine and out of it: whole numbers stay exact, what JSON leaves out is left out.
//! Never recurses deeper than values are, and never copies out more than there is room for.

use std::sync::Arc;

use rquickjs::object::Filter;
use rquickjs::{Array, BigInt, Coerced, Ctx, Function, Object, String as JsString, Type, Value as JsValue};

use super::fault::fault;
use crate::domain::limits::VALUE_DEPTH_MAX;
use crate::domain::value::{self, ARRAY_BYTES, ENTRY_BYTES, OBJECT_BYTES, VALUE_BYTES, Value};
use crate::sandbox::task::Fault;

/// Up to here a number of the engine is exactly the whole number that it shows; beyond it a `BigInt` is.
const EXACT_MAX: i64 = 9_007_199_254_740_991;

pub fn to_js<'js>(ctx: &Ctx<'js>, value: &Value) -> rquickjs::Result<JsValue<'js>> {
    let text = |text: &str| JsString::from_str(ctx.clone(), text).map(JsString::into_value);
    Ok(match value {
        Value::Null => JsValue::new_null(ctx.clone()),
        Value::Bool(value) => JsValue::new_bool(ctx.clone(), *value),
        #[expect(clippy::cast_precision_loss, reason = "exact in this range")]
        Value::Int(number) if (-EXACT_MAX..=EXACT_MAX).contains(number) => JsValue::new_number(ctx.clone(), *number as f64),
        Value::Int(number) => BigInt::from_i64(ctx.clone(), *number)?.into_value(),
        Value::Decimal(number) => JsValue::new_number(ctx.clone(), *number),
        Value::Text(chars) => text(chars)?,
        Value::Timestamp(_) => text(&value.to_text())?,
        Value::Array(items) => {
            let array = Array::new(ctx.clone())?;
            for (at, item) in items.iter().enumerate() {
                array.set(at, to_js(ctx, item)?)?;
            }
            array.into_value()
        }
        Value::Object(fields) => {
            let object = Object::new(ctx.clone())?;
            for (name, item) in &fields.fields {
                object.set(&**name, to_js(ctx, item)?)?;
            }
            object.into_value()
        }
    })
}

pub fn from_js<'js>(ctx: &Ctx<'js>, value: &JsValue<'js>, bytes_left: &mut usize, depth: usize) -> Result<Value, Fault> {
    if depth > VALUE_DEPTH_MAX {
        return Err(Fault::Value(format!("its value is nested deeper than {VALUE_DEPTH_MAX} levels, or holds itself")));
    }
    let bytes = match value.type_of() {
        Type::Array => ARRAY_BYTES,
        _ if value.is_object() => OBJECT_BYTES,
        _ => VALUE_BYTES,
    };
    take(bytes_left, bytes)?;
    match value.type_of() {
        Type::Bool => Ok(Value::Bool(value.as_bool().unwrap_or_default())),
        Type::Int => Ok(Value::Int(value.as_int().unwrap_or_default().into())),
        Type::Float => Ok(number(value.as_float().unwrap_or_default())),
        Type::BigInt => whole(ctx, value),
        Type::String => {
            let text: JsString<'js> = value.get().map_err(|error| fault(ctx, error))?;
            self::text(ctx, &text, bytes_left).map(Value::Text)
        }
        Type::Array => {
            let array: Array<'js> = value.get().map_err(|error| fault(ctx, error))?;
            list(ctx, &array, bytes_left, depth)
        }
        _ => match value.as_object() {
            Some(object) if !value.is_function() => fields(ctx, object, bytes_left, depth),
            // Functions, symbols and what is not there are null, as in JSON.
            _ => Ok(Value::Null),
        },
    }
}

fn number(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "exact in this range")]
    match number {
        whole if whole.fract() == 0.0 && whole.abs() <= EXACT_MAX as f64 => Value::Int(whole as i64),
        finite if finite.is_finite() => Value::Decimal(finite),
        _ => Value::Null,
    }
}

fn whole<'js>(ctx: &Ctx<'js>, value: &JsValue<'js>) -> Result<Value, Fault> {
    let digits: Coerced<String> = value.get().map_err(|error| fault(ctx, error))?;
    let number = digits.0.parse().map_err(|_| Fault::Value("its value holds a whole number of more than 64 bits".to_owned()))?;
    Ok(Value::Int(number))
}

fn text<'js>(ctx: &Ctx<'js>, text: &JsString<'js>, bytes_left: &mut usize) -> Result<Arc<str>, Fault> {
    let text = text.to_string().map_err(|error| fault(ctx, error))?;
    take(bytes_left, text.len())?;
    value::check_text(&text).map_err(|error| Fault::Value(format!("in its value, {error}")))?;
    Ok(text.into())
}

fn list<'js>(ctx: &Ctx<'js>, array: &Array<'js>, bytes_left: &mut usize, depth: usize) -> Result<Value, Fault> {
    // An array may be longer than any list of ours; what there is room for ends it in time.
    let length: f64 = array.as_object().get("length").map_err(|error| fault(ctx, error))?;
    let mut items = Vec::new();
    for at in (0..usize::MAX).take_while(|at| is_before(*at, length)) {
        let item: JsValue<'js> = array.get(at).map_err(|error| fault(ctx, error))?;
        items.push(from_js(ctx, &item, bytes_left, depth + 1)?);
    }
    Ok(Value::array(items))
}

#[expect(clippy::cast_precision_loss, reason = "lengths of arrays are below 2^53")]
fn is_before(at: usize, length: f64) -> bool {
    (at as f64) < length
}

fn fields<'js>(ctx: &Ctx<'js>, object: &Object<'js>, bytes_left: &mut usize, depth: usize) -> Result<Value, Fault> {
    let to_json: JsValue<'js> = object.get("toJSON").map_err(|error| fault(ctx, error))?;
    if let Some(to_json) = to_json.as_function() {
        let plain = plainly(to_json, object).map_err(|error| fault(ctx, error))?;
        return from_js(ctx, &plain, bytes_left, depth + 1);
    }
    let mut fields = Vec::new();
    for property in object.own_props::<JsString<'js>, JsValue<'js>>(Filter::new().string().enum_only()) {
        let (name, item) = property.map_err(|error| fault(ctx, error))?;
        if item.is_undefined() || item.is_function() || item.is_symbol() {
            continue;
        }
        take(bytes_left, ENTRY_BYTES)?;
        let name = text(ctx, &name, bytes_left)?;
        fields.push((name, from_js(ctx, &item, bytes_left, depth + 1)?));
    }
    Ok(Value::object(fields))
}

fn plainly<'js>(to_json: &Function<'js>, object: &Object<'js>) -> rquickjs::Result<JsValue<'js>> {
    to_json.call((rquickjs::function::This(object.clone()),))
}

fn take(bytes_left: &mut usize, bytes: usize) -> Result<(), Fault> {
    *bytes_left = bytes_left.checked_sub(bytes).ok_or(Fault::Memory)?;
    Ok(())
}
