// SPDX-License-Identifier: Apache-2.0
#include "session/query_front.h"

#include "session/query_session.h"

namespace tidemark::session {

std::unique_ptr<FrontSession> QueryFront::NewSession(std::string_view /*user*/,
                                                     AnswerSink* answers) {
  return std::make_unique<QuerySession>(&node_, answers);
}

}  // namespace tidemark::session
