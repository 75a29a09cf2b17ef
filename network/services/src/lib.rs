//! Answers to calls: scripted, builtin, HTTP, process.
