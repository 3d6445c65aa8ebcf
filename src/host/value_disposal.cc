// SPDX-License-Identifier: Apache-2.0
#include "host/value_disposal.h"

#include <functional>
#include <utility>

#include "env/job_thread.h"
#include "graph/value.h"

namespace tidemark::host {

void DisposeOfLargeValuesInBackground() {
  graph::Value::SetDisposer([](std::function<void()> destroy) {
    static auto* const thread =
        new env::JobThread("values", /*niceness=*/0);  // ends with the process
    thread->Add(std::move(destroy));
  });
}

}  // namespace tidemark::host
