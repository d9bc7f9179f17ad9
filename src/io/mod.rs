//! Files of others: data and models that come in, results that go out. Behind the feature "files", which only the
//! binary that is loaded for a file has.

pub mod export;
