#pragma once

/// Machines with wider registers get their own copy of a kernel, chosen at the start. The levels are asked
/// for by what a processor can do: the name of a processor ("arch=haswell") would leave out those of other
/// makers. Sanitizers cannot follow the choice. For functions that hold their loops themselves: what they
/// call is cloned only where it is inlined.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&                 \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BODY4D_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define BODY4D_CLONES
#endif
