//! Only tests: checks in a program that has both crypto providers of rustls in its graph.
//!
//! It is a crate of its own because features of dependencies are united: anywhere else the second
//! provider, with its half minute of C, would be compiled into all tests.
