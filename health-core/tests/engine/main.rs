//! Tests of the engine at full depth, on scripted checks and tokio's paused clock.

mod availability;
mod background;
mod cache;
mod changes;
mod evidence;
mod groups;
mod impact;
mod lint;
mod logs;
mod overrides;
mod runtimes;
mod support;
mod thresholds;
mod transitions;
