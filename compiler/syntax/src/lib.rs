//! Text to tokens to lines to a syntax tree.
