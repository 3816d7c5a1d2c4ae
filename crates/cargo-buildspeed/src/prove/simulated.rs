//! Stands in for the machine in tests of what is decided.
