//! Macros as crates write them.

use super::super::item;
use super::*;

fn tokens(text: &str) -> Vec<TokenTree> {
    trees(text.parse().unwrap())
}

fn expand(definition: &str, arguments: &str) -> Option<String> {
    let definition = tokens(definition);
    let (item, _) = item::next(&definition).unwrap();
    let definition = Definition::parse(item.body().unwrap(), Cfg::ALWAYS);
    let expanded = definition.expand(&tokens(arguments))?;
    Some(TokenStream::from_iter(expanded).to_string())
}

#[track_caller]
fn expands(definition: &str, arguments: &str, expected: &str) {
    // How far apart punctuation is printed hangs on where it came from.
    let packed = |text: String| text.replace(' ', "");
    let expected = packed(TokenStream::from_iter(tokens(expected)).to_string());
    assert_eq!(expand(definition, arguments).map(packed), Some(expected));
}

#[test]
fn a_wrapper_gates_each_item() {
    expands(
        "macro_rules! cfg_net { ($($item:item)*) => { $( #[cfg(feature = \"net\")] $item )* } }",
        "/// Doc.\n pub mod net; pub use a::{b, c}; cfg_x! { fn f() {} } impl A<B> for C {}",
        "#[cfg(feature = \"net\")] #[doc = \" Doc.\"] pub mod net; \
         #[cfg(feature = \"net\")] pub use a::{b, c}; \
         #[cfg(feature = \"net\")] cfg_x! { fn f() {} } \
         #[cfg(feature = \"net\")] impl A<B> for C {}",
    );
    expands(
        "macro_rules! feature { (#![$meta:meta] $($item:item)*) => { $( #[cfg($meta)] $item )* } }",
        "#![any(feature = \"a\", unix)] fn f() {} const X: u8 = 1;",
        "#[cfg(any(feature = \"a\", unix))] fn f() {} \
         #[cfg(any(feature = \"a\", unix))] const X: u8 = 1;",
    );
}

#[test]
fn arguments_may_be_anything() {
    expands(
        "macro_rules! if_x { ($($t:tt)*) => ($($t)*); }",
        "match a { B => c::<D>() }",
        "match a { B => c::<D>() }",
    );
    expands(
        "macro_rules! m { ($v:vis $n:ident : $t:ty = $e:expr, $($k:path => $p:pat),* $(,)?) \
         => { $v const $n: $t = $e; $( f($k, $p); )* } }",
        "pub A: Vec<u8, B> = 1 + x(2), a::b => Some(1 | 2), c => _,",
        "pub const A: Vec<u8, B> = 1 + x(2); f(a::b, Some(1 | 2)); f(c, _);",
    );
    expands(
        "macro_rules! nested { ($($a:ident { $($b:ident),* })*) => { $( $( $a::$b; )* )* } }",
        "x { a, b } y { c } z {}",
        "x::a; x::b; y::c;",
    );
    assert_eq!(expand("macro_rules! m { (a) => {} }", "b"), None);
    assert_eq!(expand("macro_rules! m { (a) => {} }", "a a"), None);
    expands(
        "macro_rules! m { ($x:tt $op:tt $y:literal $($l:lifetime)? ; $b:block) => { $x $op $y $b } }",
        "a => -1 'x ; { c }",
        "a => -1 { c }",
    );
}

#[test]
fn rules_are_tried_in_order() {
    let two =
        "macro_rules! m { (@in $x:ident) => { a }; ($x:expr) => { b }; ($($t:tt)*) => { c } }";
    expands(two, "@in x", "a");
    expands(two, "1 + 2", "b");
    expands(two, "1 2", "c");
}

#[test]
fn the_best_known_chooser_of_them_all() {
    let cfg_if = "macro_rules! cfg_if {
        ($(if #[cfg($meta:meta)] { $($tokens:tt)* }) else * else { $($tokens2:tt)* }) => {
            $crate::cfg_if! { @__items () ; $( ( ($meta) ($($tokens)*) ), )* ( () ($($tokens2)*) ), }
        };
        (@__items ($($not:meta,)*) ; ) => {};
        (@__items ($($not:meta,)*) ; ( ($($m:meta),*) ($($tokens:tt)*) ), $($rest:tt)*) => {
            #[cfg(all($($m,)* not(any($($not),*))))] $crate::cfg_if! { @__identity $($tokens)* }
            $crate::cfg_if! { @__items ($($not,)* $($m,)*) ; $($rest)* }
        };
        (@__identity $($tokens:tt)*) => { $($tokens)* };
    }";
    expands(
        cfg_if,
        "if #[cfg(unix)] { a } else if #[cfg(feature = \"x\")] { b } else { c }",
        "crate::cfg_if! { @__items () ; ((unix) (a)), ((feature = \"x\") (b)), (() (c)), }",
    );
    expands(
        cfg_if,
        "@__items (unix,) ; ((feature = \"x\") (b)), (() (c)),",
        "#[cfg(all(feature = \"x\", not(any(unix))))] crate::cfg_if! { @__identity b } \
         crate::cfg_if! { @__items (unix, feature = \"x\",) ; (() (c)), }",
    );
}
