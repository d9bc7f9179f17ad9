//! Files that are damaged or beyond us.
