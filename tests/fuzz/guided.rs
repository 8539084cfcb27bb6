//! The long run: one target, guided by coverage. Which one stands in `AKASHI_FUZZ_TARGET`.

#![no_main]

use std::sync::LazyLock;

use akashi_fuzz::Target;
use akashi_fuzz::targets::TARGETS;

#[expect(clippy::panic, reason = "a run without a target must end at once")]
static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("AKASHI_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("AKASHI_FUZZ_TARGET: there is no target `{name}`"))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = (TARGET.run)(bytes);
});
