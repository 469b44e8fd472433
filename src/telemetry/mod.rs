//! How we log: the set-up and the names of fields.
//! Never logs a secret, a header of a caller or a URL's query.
