//! Typed program to plan, to places, to IR.
