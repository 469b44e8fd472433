//! JSON in and out over HTTP: routes, access, problems.
//! Never changes state but through `engine`.
