// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark::host {

// From now on a thread of its own destroys large lists and maps (graph::Value::SetDisposer): a
// million elements would hold up the loop for milliseconds. Called once, before the nodes start, by
// a thread that has blocked what StopSignal takes.
void DisposeOfLargeValuesInBackground();

}  // namespace tidemark::host
