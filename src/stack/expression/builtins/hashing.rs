//! Filters that make digests, and random ids.
//! Never draws a random number but from the scope, so that a step performed again makes the same.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::call::{Call, Raise};
use super::{Builtin, builtin};
use crate::domain::value::Value;

type Filtered = Result<Value, Raise>;

pub(super) const FILTERS: &[Builtin] = &[
    builtin(&["md5"], 0..=0, &[], |call| digest(call, "md5")),
    builtin(&["sha1"], 0..=0, &[], |call| digest(call, "sha1")),
    builtin(&["sha256"], 0..=0, &[], |call| digest(call, "sha256")),
    builtin(&["sha512"], 0..=0, &[], |call| digest(call, "sha512")),
    builtin(&["hash"], 0..=1, &["algorithm"], |call| digest(call, &call.text(0, "sha256"))),
    builtin(&["hmac_sha256", "hmac"], 1..=1, &["key"], |call| {
        let Some(text) = call.input_text()? else { return Ok(Value::Null) };
        let key = call.text(0, "");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|error| call.raise(error))?;
        mac.update(text.as_bytes());
        Ok(Value::text(hex::encode(mac.finalize().into_bytes())))
    }),
    builtin(&["uuid", "generate_uuid"], 0..=0, &[], |call| {
        let bits = (u128::from(call.scope.random()) << 64) | u128::from(call.scope.random());
        Ok(Value::text(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()))
    }),
];

fn digest(call: &Call<'_>, algorithm: &str) -> Filtered {
    let Some(text) = call.input_text()? else { return Ok(Value::Null) };
    let bytes = text.as_bytes();
    Ok(Value::text(match algorithm {
        "md5" => hex::encode(Md5::digest(bytes)),
        "sha1" => hex::encode(Sha1::digest(bytes)),
        "sha256" => hex::encode(Sha256::digest(bytes)),
        "sha512" => hex::encode(Sha512::digest(bytes)),
        other => return Err(call.raise(format!("there is no `{other}`; there are md5, sha1, sha256 and sha512"))),
    }))
}
