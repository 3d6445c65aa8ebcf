// SPDX-License-Identifier: Apache-2.0
// PackStream and messages as text, for what tests show and for what they send.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bolt/pack_reader.h"
#include "graph/value.h"

namespace tidemark::bolt {

// The next item: 1, 1.5, 'text', [1, 2], {a: 1}, null, N(1, ['A'], {}), bytes as #0a0b.
std::string ItemText(PackReader* reader);
// A message of the server: "SUCCESS {fields: ['1']}".
std::string ReplyText(std::string_view message);
// The replies in a stream of chunks; CHECKs that it consists of whole messages.
std::vector<std::string> ReplyTexts(std::string_view chunks);

// Values from text in the form above, without structures and bytes; as many as there are.
std::vector<graph::Value> ParseValues(std::string_view text);

// "RUN 'RETURN 1' {} {}" as a message in chunks.
std::string RequestBytes(std::string_view text);
// A message without chunks, likewise.
std::string RequestMessage(std::string_view text);
// One chunk of it.
std::string InChunks(std::string_view message);

// A request of each kind in the form above, as a client may send them in a conversation.
const std::vector<std::string>& RequestTexts();

// What a client sends first: the one version, no other.
std::string Opening(int major_number, int minor_number);

}  // namespace tidemark::bolt
