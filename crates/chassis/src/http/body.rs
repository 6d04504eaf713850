//! A request's body: one JSON object, and nothing that is merely taken for one.

use std::{fmt, marker::PhantomData};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Json};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// The body of a request, a JSON object that is a `T`. Name it in `request_body` too, for the document.
///
/// serde alone would take an array of the members' values in their order of declaration as well, which no caller
/// was told of and no name protects from a mix-up.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Json::<Object<T>>::from_request(request, payload);
        body.map(|body| body.map(|Json(Object(value))| Self(value))).boxed_local()
    }
}

struct Object<T>(T);

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData)).map(Self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Name {
        name: String,
    }

    fn read(text: &str) -> Result<String, String> {
        let read = serde_json::from_str::<Object<Name>>(text);
        read.map(|Object(name)| name.name).map_err(|error| error.to_string())
    }

    #[test]
    fn only_an_object_is_taken() {
        assert_eq!(read(r#"{"name":"Ada"}"#), Ok("Ada".to_owned()));
        assert!(serde_json::from_str::<Name>(r#"["Ada"]"#).is_ok(), "this is why `Body` exists");
        for other in [r#"["Ada"]"#, r#""Ada""#, "null", "1"] {
            assert!(read(other).unwrap_err().contains("expected an object"), "{other}");
        }
    }

    #[test]
    fn members_are_taken_once_and_by_name() {
        assert!(read(r#"{"name":"Ada","name":"Eve"}"#).unwrap_err().contains("duplicate field `name`"));
        assert!(read(r#"{"name":"Ada","age":36}"#).unwrap_err().contains("unknown field `age`"));
        assert!(read("{}").unwrap_err().contains("missing field `name`"));
    }
}
