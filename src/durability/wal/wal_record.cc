// SPDX-License-Identifier: Apache-2.0
#include "durability/wal/wal_record.h"

#include "base/checksum.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

absl::Status Malformed(std::string_view what) {
  return absl::DataLossError(absl::StrCat("malformed ", ToAbsl(what), " record"));
}

}  // namespace

void AppendWalCommit(const WalCommit& commit, std::string* out) {
  AppendVarint(out, commit.tx.value());
  AppendFixed64(out, commit.participants.mask());
  AppendVarint(out, commit.part_count);
  if (commit.part_count > 0) AppendFixed64(out, commit.part_digest);
  out->append(commit.mutations);
}

void AppendWalTxPart(const WalTxPart& part, std::string* out) {
  AppendVarint(out, part.tx.value());
  AppendVarint(out, part.index);
  out->append(part.mutations);
}

void AppendWalBase(const WalBase& base, std::string* out) {
  AppendVarint(out, base.epoch.value());
  AppendVarint(out, base.base.value());
  AppendVarint(out, base.last_csn.value());
  AppendVarint(out, base.watermark.value());
  AppendVarint(out, base.watermark_last.value());
  AppendVarint(out, base.complete_after.value());
}

absl::StatusOr<WalCommit> DecodeWalCommit(std::string_view body) {
  ByteReader in(body);
  WalCommit commit;
  commit.tx = TxId(in.Varint());
  commit.participants = NodeSet(in.Fixed64());
  commit.part_count = in.Varint32();
  if (commit.part_count > 0) commit.part_digest = in.Fixed64();
  commit.mutations = in.Raw(in.remaining());
  if (!in.ok() || commit.participants.empty()) return Malformed("commit");
  return commit;
}

absl::StatusOr<WalTxPart> DecodeWalTxPart(std::string_view body) {
  ByteReader in(body);
  WalTxPart part;
  part.tx = TxId(in.Varint());
  part.index = in.Varint32();
  part.mutations = in.Raw(in.remaining());
  if (!in.ok()) return Malformed("transaction part");
  return part;
}

absl::StatusOr<WalBase> DecodeWalBase(std::string_view body) {
  ByteReader in(body);
  WalBase base;
  base.epoch = Epoch(in.Varint());
  base.base = Csn(in.Varint());
  base.last_csn = Csn(in.Varint());
  base.watermark = Csn(in.Varint());
  base.watermark_last = Csn(in.Varint());
  base.complete_after = Csn(in.Varint());
  if (!in.ok() || !in.done() || base.watermark_last > base.watermark ||
      base.watermark_last > base.last_csn || base.complete_after > base.last_csn) {
    return Malformed("base");
  }
  return base;
}

uint64_t ChainPartDigest(uint64_t digest, std::string_view part) {
  return Checksum64(part, digest);
}

}  // namespace tidemark::durability
