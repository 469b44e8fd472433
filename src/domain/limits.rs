//! Every fixed bound of Ringback, each with its reason and its unit.
//! Never a setting: what an operator may change lives in `config`.

use std::time::Duration;

/// Levels of nesting of a value; databases and parsers of others stop near here.
pub const VALUE_DEPTH_MAX: usize = 128;
/// Bytes of one journal entry; above it a commit would hold up all others.
pub const JOURNAL_ENTRY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Operations that one evaluation of an expression may use.
pub const EXPRESSION_OPERATIONS_MAX: u64 = 1_000_000;
/// Levels of nesting of an expression's text, so that the parser's stack is bounded.
pub const EXPRESSION_DEPTH_MAX: usize = 64;
/// Levels of an expression as a tree: chains of operators count too, so that evaluation never runs out of stack.
pub const EXPRESSION_TREE_DEPTH_MAX: usize = 200;
/// Bytes of an expression's text.
pub const EXPRESSION_BYTES_MAX: usize = 64 * 1024;
/// Bytes that one evaluation may produce.
pub const EXPRESSION_OUTPUT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Machine operations between two looks at the clock and the neighbours: one pure loop never holds up others.
pub const FUEL_PER_TURN: u32 = 400;
/// How long such a turn should take at most; where operations take longer it gets fewer.
pub const TURN_MAX: Duration = Duration::from_micros(500);
/// Frames of one machine: calls in calls, blocks in blocks.
pub const MACHINE_FRAMES_MAX: usize = 256;
/// Levels of nesting of blocks in a stack's file.
pub const STACK_DEPTH_MAX: usize = 64;
/// Ids in one status or await call.
pub const IDS_PER_CALL_MAX: usize = 100;
/// Characters of a function's name.
pub const FUNCTION_NAME_CHARS_MAX: usize = 200;
/// Bytes of an idempotency key.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;
/// How long an idempotency key holds, in milliseconds (24 h).
pub const IDEMPOTENCY_KEEP_MS: i64 = 24 * 60 * 60 * 1000;
/// Bytes of a callback URL.
pub const URL_BYTES_MAX: usize = 2048;
/// The caller's own headers of a callback.
pub const CALLBACK_HEADERS_MAX: usize = 20;
/// Bytes of the caller's own headers, names and values together.
pub const CALLBACK_HEADERS_BYTES_MAX: usize = 8 * 1024;
/// Registered destinations; every end of an execution is held against all of them.
pub const DESTINATIONS_MAX: usize = 200;
/// Tags of one execution.
pub const TAGS_MAX: usize = 20;
/// Characters of one tag.
pub const TAG_CHARS_MAX: usize = 100;
/// Bytes of `options.metadata`; it is echoed in every message.
pub const METADATA_BYTES_MAX: usize = 16 * 1024;
/// Entries in one commit; a larger batch would make its first waiter wait for its last.
pub const COMMIT_ENTRIES_MAX: usize = 1000;
/// Bytes in one commit.
pub const COMMIT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Entries of one execution that are held to be sent together.
pub const BUNDLE_ENTRIES_MAX: usize = 64;
/// Messages that wait for the courier to take them; who has ended beyond that waits for him.
pub const DEPARTURES_MAX: usize = 256;
/// Entries that may wait for the journal before callers are pushed back.
pub const JOURNAL_INBOX_MAX: usize = 20_000;
/// Crashes in a row without a new checkpoint after which an execution is set aside.
pub const CRASHES_MAX: i32 = 5;
/// How long the blocks of `finally` may run after a deadline or a cancellation, in milliseconds.
pub const FINALLY_MS_MAX: i64 = 10_000;
/// Bytes read of a receiver's answer.
pub const DELIVERY_ANSWER_READ_BYTES_MAX: usize = 64 * 1024;
/// Bytes kept of a receiver's answer.
pub const DELIVERY_ANSWER_KEEP_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a message's output that travel inline; a larger one is read at its status URL.
pub const MESSAGE_OUTPUT_BYTES_MAX: usize = 1024 * 1024;
/// Past times of one schedule that are kept, beside those whose execution has not ended.
pub const FIRINGS_KEPT: i64 = 200;
/// Schedules that there may be; each look at one costs every node a query.
pub const SCHEDULES_MAX: usize = 10_000;
/// Redirects that `external_api_request` follows.
pub const REDIRECTS_MAX: usize = 5;
/// How long a read token opens its execution, in milliseconds (1 h); a page that stays open longer asks for another.
pub const READ_TOKEN_MS: i64 = 60 * 60 * 1000;
/// Events that one execution keeps, taken ones included; nobody fills a database through a resume URL.
pub const EVENTS_KEPT_MAX: i64 = 100;
/// Bytes of an event's name.
pub const EVENT_NAME_BYTES_MAX: usize = 200;
/// Turns of a loop, or branches, that may be under way at once in one execution.
pub const BRANCHES_MAX: usize = 100;
/// Rows that one page of a list holds.
pub const PAGE_ITEMS_MAX: i64 = 200;
/// Keys that may be alive at once; every call is held against each of them.
pub const KEYS_MAX: usize = 500;
/// Characters of a key's name.
pub const KEY_NAME_CHARS_MAX: usize = 100;
/// Patterns of functions of one key.
pub const KEY_FUNCTIONS_MAX: usize = 50;
/// Lines of the audit that are kept; the oldest go first.
pub const AUDIT_LINES_MAX: i64 = 100_000;
/// Bytes of an address that the audit keeps.
pub const AUDIT_PATH_BYTES_MAX: usize = 500;
/// Bytes that the records of one page may hold while they are read.
pub const RECORD_PAGE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Bytes of a definition that is deployed over HTTP, as of a file.
pub const DEFINITION_BYTES_MAX: usize = 4 * 1024 * 1024;
