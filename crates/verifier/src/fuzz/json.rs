//! Strict JSON: the reader in one pass against the plain one.

use proptest::prelude::*;
use serde_json::Value;

use super::{
    cases,
    damage::{damaged, steps},
    reference::is_strict,
};
use crate::json;

/// Documents with something of everything.
const DOCUMENTS: [&str; 4] = [
    r#"{"a":1,"b":{"a":[1,-2.5e3,"x\u00e9\n",true,null,{"a":1},{"a":1,"b":[[]]}]},"\u0063":"\ud83d\ude00"}"#,
    r#"[{"kty":"RSA","kid":"1"},{"kty":"EC","kid":"2"},{"x":[[[[[[1]]]]]]},[],{},"",0,-0,1e10]"#,
    r#"{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}},"aa":2,"ab":3,"ac":4,"ad":5,"ae":6,"af":7,"ag":8,"ah":9}"#,
    r#"{"0":0,"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"A":10,"B":11,"C":12,"D":13,"E":14,"F":15,"10":16,"11":17,"12":18}"#,
];

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn what_is_strict_is_told_as_a_plain_reader_tells_it(document in prop::sample::select(&DOCUMENTS[..]), steps in steps(), depth in 1_usize..10) {
        let text = damaged(document, &steps);
        let read = json::parse::<Value>(&text, depth);
        prop_assert_eq!(read.is_ok(), is_strict(&text, depth), "{}", String::from_utf8_lossy(&text));
        if let Ok(value) = read {
            prop_assert_eq!(value, serde_json::from_slice::<Value>(&text).unwrap());
        }
    }

    #[test]
    fn text_made_of_braces_is_told_as_a_plain_reader_tells_it(text in "[\\[\\]{}:,\"ab1 ]{0,32}", depth in 1_usize..10) {
        prop_assert_eq!(json::parse::<Value>(text.as_bytes(), depth).is_ok(), is_strict(text.as_bytes(), depth));
    }
}
