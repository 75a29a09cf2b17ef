//! The compiler as one API: [`check`], [`build`], and the rendering of what they say.
//!
//! Reads texts through [`Sources`] and returns data; it touches no files and prints nothing.
//! Start reading at `passes.rs`.

mod air;
mod call;
mod constants;
mod emit;
mod explain;
mod guarantee;
mod interface;
mod load;
mod passes;
mod peers;
pub mod render;
mod route;
mod sources;

pub use air::air;
pub use aquac_lowering::guarantee::{cost, flow};
pub use aquac_lowering::{
    BlockKind, Bytes, Carried, Options, Relay, Route, RouteBlock, RouteBranch, RouteLine,
    RoutePart, RouteStep,
};
pub use aquac_semantics::GivenConstant;
pub use call::{Call, WrongCall, call};
pub use constants::constant;
pub use emit::{Rung, emit};
pub use explain::{CodePage, explain, pages};
pub use guarantee::{cost_json, cost_text, costs, flow_json, flow_text, flows};
pub use interface::ServiceFunction;
pub use load::{ImportRoots, Loaded, load};
pub use passes::{Artifact, Checked, Exported, Request, build, build_one, check};
pub use route::routes;
pub use sources::{ReadError, Sources, folder, join, normalise};
