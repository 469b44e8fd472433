//! The one table of problem codes: status, title and page of each.
//! Never decides which code an error has; that is `problem`.

use crate::domain::failure::ErrorCode;

/// A code that an answer may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The name of its page, and in upper case behind `ERROR_CODE_` its text.
    pub slug: &'static str,
    /// What a caller gets unless the problem says otherwise.
    pub status: u16,
    pub title: &'static str,
    /// What it means, why it happens and what to do, as Markdown.
    pub page: &'static str,
}

macro_rules! codes {
    ($($name:ident $slug:literal $status:literal $title:literal)*) => {
        $(pub const $name: Code = Code {
            slug: $slug,
            status: $status,
            title: $title,
            page: include_str!(concat!("problems/", $slug, ".md")),
        };)*
        pub const ALL: &[Code] = &[$($name),*];
    };
}

// A call that was not accepted.
codes! {
    MALFORMED_BODY "malformed_body" 400 "The body cannot be read"
    CONTRADICTORY_WORDS "contradictory_words" 400 "Two words of the call contradict each other"
    HTTPS_ONLY "https_only" 400 "This server speaks https"
    INVALID_REQUEST "invalid_request" 400 "Something in the call does not hold"
    UNAUTHORIZED "unauthorized" 401 "A key is needed"
    FORBIDDEN "forbidden" 403 "The key does not allow this"
    FOREIGN_ORIGIN "foreign_origin" 403 "Pages of this origin may not call"
    FOREIGN_HOST "foreign_host" 403 "This server may not be called by that name"
    ROUTE_UNKNOWN "route_unknown" 404 "There is nothing at this address"
    ALERT_UNKNOWN "alert_unknown" 404 "There is no such alert"
    EXPIRED "expired" 404 "The execution is not kept any longer"
    METHOD_NOT_ALLOWED "method_not_allowed" 405 "This address takes other methods"
    BODY_TIMEOUT "body_timeout" 408 "The body did not arrive in time"
    KEY_CONFLICT "key_conflict" 409 "There can be no such key"
    EXECUTION_ENDED "execution_ended" 409 "The execution has ended already"
    DELIVERY_HELD "delivery_held" 409 "The message is being delivered"
    NOT_RESUMABLE "not_resumable" 409 "The execution cannot be resumed"
    EVENT_REPEATED "event_repeated" 409 "This event was posted already"
    SCHEDULE_FROM_FILE "schedule_from_file" 409 "The schedule stands in a file"
    SECRET_CONFIGURED "secret_configured" 409 "The secret comes from the configuration"
    BODY_TOO_LARGE "body_too_large" 413 "The body is too large"
    UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" 415 "Bodies of this type are not read"
    FUNCTION_INVALID "function_invalid" 422 "The function does not hold"
    IDEMPOTENCY_MISMATCH "idempotency_mismatch" 422 "The idempotency key belongs to another call"
    RATE_LIMITED "rate_limited" 429 "The key has called too often"
    QUEUE_FULL "queue_full" 429 "Too much is waiting"
    TOO_MANY_STREAMS "too_many_streams" 429 "Too many event streams are open"
    UNAVAILABLE "unavailable" 503 "No durable storage"

    // The codes of `domain::failure`; the status is that of an uncaught failure.
    EXPRESSION "expression" 500 "An expression could not be evaluated"
    LIMIT "limit" 500 "A bound of the language was hit"
    PARAMETER "parameter" 500 "A step's parameter does not hold"
    INPUT "input" 422 "The inputs do not hold"
    PRECONDITION "precondition" 400 "A precondition does not hold"
    THROWN "thrown" 500 "The function raised an error of its own"
    FUNCTION_UNKNOWN "function_unknown" 500 "There is no such function"
    NOT_FOUND "not_found" 500 "It does not exist"
    DUPLICATE "duplicate" 500 "A unique key is taken"
    TABLE "table" 500 "The table cannot be used"
    TRANSPORT "transport" 500 "A connection failed"
    REQUEST_TIMEOUT "request_timeout" 500 "A request took too long"
    HTTP_STATUS "http_status" 500 "Another service answered with an error"
    ADDRESS_REFUSED "address_refused" 422 "The address may not be called"
    TIMEOUT "timeout" 504 "The execution took too long"
    CANCELLED "cancelled" 409 "The execution was cancelled"
    MEMORY_LIMIT "memory_limit" 500 "The execution needs more memory than it may"
    VALUE_TOO_LARGE "value_too_large" 500 "A value is too large to be kept"
    INVALID_VALUE "invalid_value" 500 "A value cannot be stored"
    UNKNOWN_OUTCOME "unknown_outcome" 500 "Nobody knows whether a step happened"
    POISON "poison" 500 "The execution was set aside"
    INTERNAL "internal" 500 "Ringback failed"
    LAMBDA "lambda" 500 "The JavaScript of a lambda raised an error"
    RESPONSE "response" 500 "The function answered with an error"
}

impl Code {
    /// `ERROR_CODE_BODY_TOO_LARGE`
    pub fn text(&self) -> String {
        format!("ERROR_CODE_{}", self.slug.to_uppercase())
    }

    /// By the name of its page, or its text.
    pub fn parse(name: &str) -> Option<&'static Self> {
        let slug = name.trim_start_matches("ERROR_CODE_").replace('-', "_").to_lowercase();
        ALL.iter().find(|code| code.slug == slug)
    }

    /// The code of a failure; codes that stacks chose share a page.
    pub fn of(failure: &ErrorCode) -> &'static Self {
        match failure {
            ErrorCode::Custom(_) => &THROWN,
            known => Self::parse(known.as_str()).expect("every code of a failure is in the table, which a test checks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code but the chosen ones. A new one does not compile here until it has been added.
    fn codes_of_failures() -> Vec<ErrorCode> {
        use ErrorCode::*;
        let all = vec![
            Expression,
            Limit,
            Parameter,
            Input,
            Precondition,
            Thrown,
            FunctionUnknown,
            NotFound,
            Duplicate,
            Table,
            Transport,
            RequestTimeout,
            HttpStatus,
            AddressRefused,
            Timeout,
            Cancelled,
            MemoryLimit,
            ValueTooLarge,
            InvalidValue,
            UnknownOutcome,
            Poison,
            Internal,
            Lambda,
            Response,
        ];
        for code in &all {
            match code {
                Expression | Limit | Parameter | Input | Precondition | Thrown | FunctionUnknown | NotFound | Duplicate
                | Table | Transport | RequestTimeout | HttpStatus | AddressRefused | Timeout | Cancelled | MemoryLimit
                | ValueTooLarge | InvalidValue | UnknownOutcome | Poison | Internal | Lambda | Response | Custom(_) => {}
            }
        }
        all
    }

    #[test]
    fn every_code_of_a_failure_is_in_the_table() {
        for code in codes_of_failures() {
            assert_eq!(Code::of(&code).text(), code.as_str());
        }
        assert_eq!(Code::of(&ErrorCode::Custom("MINE".into())), &THROWN);
    }

    #[test]
    fn every_code_has_a_page_that_says_what_why_and_what_to_do() {
        for code in ALL {
            assert!(code.page.starts_with(&format!("# {}\n", code.title)), "{} begins otherwise", code.slug);
            assert!(code.page.contains(&code.text()), "{} does not name its code", code.slug);
            for part in ["## Why it happens", "## What to do"] {
                assert!(code.page.contains(part), "{} has no `{part}`", code.slug);
            }
        }
    }

    #[test]
    fn no_code_is_in_the_table_twice_and_no_page_is_without_a_code() {
        let slugs: std::collections::BTreeSet<_> = ALL.iter().map(|code| format!("{}.md", code.slug)).collect();
        assert_eq!(slugs.len(), ALL.len());
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/problems");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        assert_eq!(files.collect::<std::collections::BTreeSet<_>>(), slugs);
    }

    #[test]
    fn a_page_is_found_by_its_name_and_by_its_code() {
        assert_eq!(Code::parse("body_too_large"), Some(&BODY_TOO_LARGE));
        assert_eq!(Code::parse("body-too-large"), Some(&BODY_TOO_LARGE));
        assert_eq!(Code::parse("ERROR_CODE_BODY_TOO_LARGE"), Some(&BODY_TOO_LARGE));
        assert_eq!(Code::parse("nothing"), None);
    }
}
