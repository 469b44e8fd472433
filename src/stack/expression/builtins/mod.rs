//! The filters: one table of names, aliases and argument counts, one file per family.
//! Never asks a clock or draws a number but through the scope.

mod call;
mod encoding;
mod hashing;
mod lists;
mod numbers;
mod objects;
mod text;
mod time;
mod types;

use std::ops::RangeInclusive;

use crate::domain::value::Value;

pub(super) use call::{Call, Raise, comparing};

/// A filter: `input|name(arguments, keyword='…')`.
pub(super) struct Builtin {
    /// The first is canonical, the others are aliases.
    pub names: &'static [&'static str],
    /// How many arguments it takes beside its input, keyword arguments included.
    pub arguments: RangeInclusive<usize>,
    /// In the order of the positional arguments that they name.
    pub keywords: &'static [&'static str],
    pub run: fn(&Call<'_>) -> Result<Value, Raise>,
}

const fn builtin(
    names: &'static [&'static str],
    arguments: RangeInclusive<usize>,
    keywords: &'static [&'static str],
    run: fn(&Call<'_>) -> Result<Value, Raise>,
) -> Builtin {
    Builtin { names, arguments, keywords, run }
}

const FAMILIES: [&[Builtin]; 8] = [
    lists::FILTERS,
    objects::FILTERS,
    text::FILTERS,
    numbers::FILTERS,
    types::FILTERS,
    time::FILTERS,
    encoding::FILTERS,
    hashing::FILTERS,
];

const FAMILY_NAMES: [&str; 8] = ["lists", "objects", "texts", "numbers", "types", "time", "encodings", "hashes"];

/// The filter of this name or alias.
pub(super) fn find(name: &str) -> Option<&'static Builtin> {
    FAMILIES.iter().flat_map(|family| family.iter()).find(|builtin| builtin.names.contains(&name))
}

/// A filter as the documentation lists it.
pub(in crate::stack) struct Listed {
    pub family: &'static str,
    pub names: &'static [&'static str],
    pub arguments: RangeInclusive<usize>,
    pub keywords: &'static [&'static str],
}

/// Every filter, family by family.
pub(in crate::stack) fn all() -> impl Iterator<Item = Listed> {
    let of = |(family, filters): (&'static str, &'static [Builtin])| filters.iter().map(move |filter| (family, filter));
    FAMILY_NAMES.into_iter().zip(FAMILIES).flat_map(of).map(|(family, filter)| Listed {
        family,
        names: filter.names,
        arguments: filter.arguments.clone(),
        keywords: filter.keywords,
    })
}

/// Every name and alias.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| family.iter()).flat_map(|builtin| builtin.names.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::stack::expression::tests::check;

    #[test]
    fn no_name_stands_for_two_filters() {
        let mut seen = HashSet::new();
        for name in names() {
            assert!(seen.insert(name), "{name}");
        }
    }

    #[test]
    fn lists_are_taken_apart_and_put_together() {
        let rows = r#"{"x": [{"k": 2, "n": "b"}, {"k": 1, "n": "a"}, {"k": 2, "n": "c"}], "l": [3, 1, 2, 1], "z": null}"#;
        check("l|first", rows, "3");
        check("l|last", rows, "1");
        check("z|first", rows, "null");
        check("z|length", rows, "0");
        check("x|where('k', 2)|length", rows, "2");
        check("x|where('k', '<', 2)|first", rows, r#"{"k":1,"n":"a"}"#);
        check("x|filter('k', 'in', [1])|pluck('n')", rows, r#"["a"]"#);
        check("x|reject('k', 2)|map('n')", rows, r#"["a"]"#);
        check("x|find('n', 'c')|get('k')", rows, "2");
        check("x|select('k', 2)|length", rows, "2");
        check("x|where({k: 2, n: 'c'})|map('n')", rows, r#"["c"]"#);
        check("x|find({n: 'z'})", rows, "null");
        check("x|where('n', 'in', 'bc')|length", rows, "2");
        check("x|where('z')|length", rows, "0");
        check("x|some('k', 1) && !(x|every('k', 1))", rows, "true");
        check("x|sort('n')|map(attribute='n')|join('')", rows, r#""abc""#);
        check("x|sort(attribute='n', reverse=true)|pluck:'n'|join", rows, r#""cba""#);
        check("l|sort", rows, "[1,1,2,3]");
        check("l|unique|reverse", rows, "[2,1,3]");
        check("[[1], [2, [3]]]|flatten", rows, "[1,2,[3]]");
        check("l|push(9)|concat([8])|slice(-2)", rows, "[9,8]");
        check("l|slice(1, 3)", rows, "[1,2]");
        check("x|group_by('k')|keys", rows, r#"["2","1"]"#);
        check("x|index_by('n')|get('a.k')", rows, "1");
        check("l|unique('')|length", rows, "1");
        check("[1, '1', 1.0]|unique", rows, r#"[1,"1"]"#);
        check("in_array(2, [1, 2])", rows, "true");
        check("l|slice(-2, 9)", rows, "[2,1]");
        check("'hello'|slice(1, -1)", rows, r#""ell""#);
        check("2|in([1, 2]) && [1]|overlaps([1, 5])", rows, "true");
        check("range(3)|sum", rows, "3");
        check("range(2, 5)", rows, "[2,3,4]");
        check("'abc'|length", rows, "3");
    }

    #[test]
    fn objects_are_read_and_changed() {
        let o = r#"{"o": {"a": 1, "b": {"c": 2}}}"#;
        check("o|get('b.c')", o, "2");
        check("o|get('x', 'none')", o, r#""none""#);
        check("o|set('b.d', 3)", o, r#"{"a":1,"b":{"c":2,"d":3}}"#);
        check("o|has('a') && !(o|has('z'))", o, "true");
        check("o|keys", o, r#"["a","b"]"#);
        check("o|pick('a')|merge({z: 1})", o, r#"{"a":1,"z":1}"#);
        check("o|unpick(['b'])|values", o, "[1]");
        check("{a: 1}|entries", o, r#"[{"key":"a","value":1}]"#);
    }

    #[test]
    fn texts_are_cut_and_joined() {
        let c = "{}";
        check("' a,b '|trim|split(',')", c, r#"["a","b"]"#);
        check("'abc'|split('')", c, r#"["a","b","c"]"#);
        check("'Hello'|replace('l', 'L')|upper", c, r#""HELLO""#);
        check("'hELLO'|capitalize", c, r#""Hello""#);
        check("'hello'|substr(1, 3)", c, r#""ell""#);
        check("'hello'|substr(-2)", c, r#""lo""#);
        check("'hello'|contains('ell')", c, "true");
        check("'hello'|starts_with('he') && 'hello'|ends_with('lo')", c, "true");
        check("'a1b22'|regex_replace('[0-9]+', '#')", c, r##""a#b#""##);
        check("'a1'|regex_matches('^[a-z][0-9]$')", c, "true");
        check("'long text'|truncate(4)", c, r#""long…""#);
        check("'%s has %d at %.2f'|sprintf('x', 3, 1.5)", c, r#""x has 3 at 1.50""#);
        check("'a-b-c'|regex_replace('-([a-z])', '+$1')", c, r#""a+b+c""#);
        check("'dir.d/Scan.PDF'|file_extension ~ '|' ~ 'none'|file_extension", c, r#""pdf|""#);
        check("'<b>'|e", c, r#""&lt;b&gt;""#);
        check("'a@b.de'|is_email", c, "true");
        check("null|upper", c, "null");
    }

    #[test]
    fn numbers_are_rounded_and_written() {
        let c = r#"{"l": [1, 2, 4.5]}"#;
        check("3.14159|round(2)", c, "3.14");
        check("2.5|round", c, "3");
        check("-1.2|floor", c, "-1");
        check("1.2|ceil", c, "2");
        check("(0 - 5)|abs", c, "5");
        check("l|sum", c, "7.5");
        check("l|avg", c, "2.5");
        check("l|min ~ l|max", c, r#""14.5""#);
        check("1234567.891|number_format(2)", c, r#""1,234,567.89""#);
        check("1234.5|number_format(1, ',', '.')", c, r#""1.234,5""#);
    }

    #[test]
    fn kinds_are_changed_and_asked_for() {
        let c = "{}";
        check("'5'|to_int + 1", c, "6");
        check("'5.5'|to_decimal", c, "5.5");
        check("5|to_text", c, r#""5""#);
        check("'false'|to_bool", c, "false");
        check("null|default('x')", c, r#""x""#);
        check("''|default('x', true)", c, r#""x""#);
        check("null|is_null", c, "true");
        check("[]|is_empty", c, "true");
        check("[null, 2]|first_notnull", c, "2");
    }

    #[test]
    fn times_are_written_and_moved() {
        let c = "{}";
        check("now|date('Y-m-d H:i:s')", c, r#""2023-11-14 22:13:20""#);
        check("now|format_timestamp('%H:%M', 'Europe/Berlin')", c, r#""23:13""#);
        check("'2023-11-14T22:13:20Z'|to_timestamp|add_secs(60) - now", c, "60");
        check("now|date('D, d M y')", c, r#""Tue, 14 Nov 23""#);
    }

    #[test]
    fn texts_are_encoded_and_hashed() {
        let c = "{}";
        check("{a: 1}|json_encode", c, r#""{\"a\":1}""#);
        check("'[1]'|json_decode|first", c, "1");
        check("'héllo'|base64_encode|base64_decode", c, r#""héllo""#);
        check("'a b&c'|url_encode", c, r#""a%20b%26c""#);
        check("'a%20b'|url_decode", c, r#""a b""#);
        check("'abc'|md5", c, r#""900150983cd24fb0d6963f7d28e17f72""#);
        check("'abc'|sha256", c, r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#);
        check("'abc'|hash('sha1')", c, r#""a9993e364706816aba3e25717850c26c9cd0d89d""#);
        check("'Jefe'|length + uuid()|length", c, "40");
        check(
            "'what do ya want for nothing?'|hmac_sha256('Jefe')",
            c,
            r#""5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843""#,
        );
    }
}
