//! The store in Postgres, for several nodes.
//! Never trusts this process's clock where two nodes could differ.
