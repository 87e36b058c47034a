//! The allocator of the whole program: it wipes what is given back, and it scatters nothing.

#![allow(
    unsafe_code,
    reason = "the one module that has any: what the C library is told stands in no safe interface"
)]

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// Wipes all memory that is given back, whoever used it: sounds and words pass through libraries that do not, and a core file or a
/// swapped page would keep them long after they were forgotten.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

/// Large buffers, such as a segment of film, are mapped each by itself, and are the system's again once they are dropped.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM: i32 = 64 << 10;

/// Has all threads allocate from one heap. Otherwise each thread of a database and of the runtime has a heap of its own, which keeps the
/// most that its thread ever needed: under four cameras those held a third of the hub's memory for nothing, and more with every run of
/// retention. With jemalloc or mimalloc the hub takes twice as much.
///
/// To be called before there is a second thread.
pub(crate) fn use_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and no pointer. It answers 0 where it does not know an option, which changes nothing.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM);
    }
}
