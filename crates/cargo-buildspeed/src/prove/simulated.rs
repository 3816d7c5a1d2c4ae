//! What `prove` promises, tested.
