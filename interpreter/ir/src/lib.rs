//! The contract between compiler and interpreter.
//!
//! A [`Program`] is one compiled function: a flat arena of [`Node`]s in pre-order with its pools
//! of constants, expressions and places. The compiler (or the reader of AIR text) makes one with
//! a [`Builder`]; [`encode`] turns it into bytes; [`VerifiedProgram`] is what a peer gets after it
//! has checked bytes that it does not trust. [`print`] and [`parse`] are the text form for people.
//!
//! The crate also owns what programs compute with and talk about: [`Value`], [`Digest`],
//! [`PeerId`], [`Header`], [`Call`] and [`Origin`]. It needs no operating system.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod builder;
mod byte_array;
mod byte_order;
mod call;
mod canonical;
mod debug;
mod decode;
mod development;
mod digest;
mod encode;
mod expr;
mod facts;
mod fault;
mod header;
mod json;
pub mod limits;
pub mod ops;
mod ordered;
mod parts;
mod peer_id;
mod pools;
mod program;
mod reader;
mod shape;
mod sort;
mod text;
mod tree;
mod value;
mod verify;

pub use builder::{Builder, Open};
pub use byte_array::read_byte_array;
pub use call::{Argument, Call, CallResult, IdempotencyKey, Origin, ServiceError};
pub use debug::{Debug, DebugDecodeError, DebugSource, NodeSpan};
pub use development::development_seed;
pub use digest::{Digest, Domain, Making, Salt};
pub use encode::{DecodeError, decode, encode};
pub use expr::{BinaryOp, Expr, Fact, IndexKind};
pub use facts::{Carried, Facts, Learner, Source, Variable, VariableFacts};
pub use fault::{Fault, FaultCode};
pub use header::{Header, Limits, Nonce, ParticleId, Signature, SignedHeader};
pub use json::{JsonError, JsonProblem, from_json, to_json};
pub use peer_id::{PeerId, PeerIdError};
pub use program::{
    ArgId, ConstId, ExprId, Home, Iterable, Last, LoopMode, MatchKind, Node, NodeId, Output, Place,
    PlaceId, Program, ShapeId, SlotId, SnapshotForm, StreamId, StreamKind, TextId,
};
pub use reader::Reader;
pub use shape::{Shape, ShapeField};
pub use sort::sorted_places;
pub use text::{TextError, TextProblem, parse, print};
pub use value::{Array, BigInt, Finite, Object, TooDeep, Value, ValueDecodeError};
pub use verify::{VerifiedProgram, VerifyError};
