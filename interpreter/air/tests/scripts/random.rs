//! Random scripts, printed with random white space and comments.
