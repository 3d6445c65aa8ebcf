// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark::env {

// Says how the kernel shares a processor between the calling thread and others that want it too.
// Which of them goes first when it wakes up is decided by the length of their slices, from Linux
// 6.12 on: a thread with shorter ones does not wait for the end of a longer one. Its share of the
// processor is the same. Earlier kernels take the niceness alone. Threads: any, each for itself.
// Errors: none.

// For threads that somebody waits for: they go before everything that says nothing.
void GoFirst();
// Of what is done for one large statement, or ahead of what needs it.
inline constexpr int kGivingWayNiceness = 5;
// For long work: it goes behind everything that says nothing, takes the processor from nobody when
// it wakes up, and has a smaller share.
void GiveWay(int niceness);

}  // namespace tidemark::env
