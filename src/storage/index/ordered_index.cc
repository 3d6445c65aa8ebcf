// SPDX-License-Identifier: Apache-2.0
#include "storage/index/ordered_index.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"

namespace tidemark::storage {
namespace {

#ifdef TIDEMARK_TINY_LIMITS
constexpr size_t kMaxChildCount = 4;
#else
constexpr size_t kMaxChildCount = 64;
#endif

struct Inner;

// Either a leaf or an inner node.
struct Node {
  std::unique_ptr<OrderedLeaf> leaf;
  std::unique_ptr<Inner> inner;
};

// A child holds the entries from its separator (key, id) up to the next child's. The first child's
// separator is not used.
struct Child {
  std::string key;
  uint64_t id = 0;
  Node node;
};

struct Inner {
  std::vector<Child> children;
};

size_t SeparatorBytes(const Child& child) {
  return sizeof(Child) + (child.key.size() > 15 ? child.key.size() + 1 : 0);
}

// The shortest separator above the last entry of `left` and not above the first of `right`.
void SetSeparator(const OrderedLeaf& left, const OrderedLeaf& right, Child* child) {
  child->key = right.Key(0);
  child->id = right.id(0);
  const std::string last = left.Key(left.count() - 1);
  if (last == child->key) return;
  child->key.resize(SharedPrefixSize(last, child->key) + 1);
  child->id = 0;
}

size_t ChildOf(const Inner& inner, std::string_view key, uint64_t id) {
  size_t low = 1;
  size_t high = inner.children.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const Child& child = inner.children[middle];
    const int order = std::string_view(child.key).compare(key);
    if (order < 0 || (order == 0 && child.id <= id)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

}  // namespace

// The nodes. Recursion is as deep as the tree is high.
class OrderedIndex::Tree {
 public:
  Tree() {
    root_.leaf = std::make_unique<OrderedLeaf>();
    memory_bytes_ = root_.leaf->memory_bytes();
  }

  bool Insert(std::string_view key, uint64_t id) {
    std::optional<Child> split;
    if (!InsertInto(&root_, key, id, &split)) return false;
    if (split.has_value()) {
      auto inner = std::make_unique<Inner>();
      inner->children.push_back({.node = std::move(root_)});
      memory_bytes_ += sizeof(Inner) + SeparatorBytes(inner->children[0]) + SeparatorBytes(*split);
      inner->children.push_back(*std::move(split));
      root_ = Node{.inner = std::move(inner)};
    }
    return true;
  }

  bool Erase(std::string_view key, uint64_t id) {
    if (!EraseFrom(&root_, key, id)) return false;
    while (root_.inner != nullptr && root_.inner->children.size() == 1) {
      memory_bytes_ -= sizeof(Inner) + SeparatorBytes(root_.inner->children[0]);
      Node child = std::move(root_.inner->children[0].node);
      root_ = std::move(child);
    }
    if (root_.inner != nullptr && root_.inner->children.empty()) {
      memory_bytes_ -= sizeof(Inner);
      root_ = Node{.leaf = std::make_unique<OrderedLeaf>()};
      memory_bytes_ += root_.leaf->memory_bytes();
    }
    return true;
  }

  std::pair<const OrderedLeaf*, size_t> LowerBound(std::string_view key, uint64_t id) const {
    const Node* node = &root_;
    while (node->inner != nullptr) {
      node = &node->inner->children[ChildOf(*node->inner, key, id)].node;
    }
    const size_t position = node->leaf->LowerBound(key, id);
    if (position < node->leaf->count()) return {node->leaf.get(), position};
    return {node->leaf->next, 0};
  }

  uint64_t memory_bytes() const { return memory_bytes_; }

  void CheckInvariants(uint64_t size) const {
    uint64_t count = 0;
    uint64_t bytes = 0;
    const OrderedLeaf* last = nullptr;
    CheckNode(root_, &last, &count, &bytes);
    CHECK(last == nullptr || last->next == nullptr);
    CHECK_EQ(count, size);
    CHECK_EQ(bytes, memory_bytes_);
  }

 private:
  bool InsertInto(Node* node, std::string_view key, uint64_t id, std::optional<Child>* split) {
    if (node->leaf != nullptr) return InsertIntoLeaf(node->leaf.get(), key, id, split);
    Inner* inner = node->inner.get();
    const size_t position = ChildOf(*inner, key, id);
    std::optional<Child> child_split;
    if (!InsertInto(&inner->children[position].node, key, id, &child_split)) return false;
    if (!child_split.has_value()) return true;
    memory_bytes_ += SeparatorBytes(*child_split);
    inner->children.insert(inner->children.begin() + static_cast<ptrdiff_t>(position) + 1,
                           *std::move(child_split));
    if (inner->children.size() > kMaxChildCount) SplitInner(inner, position + 1, split);
    return true;
  }

  bool InsertIntoLeaf(OrderedLeaf* leaf, std::string_view key, uint64_t id,
                      std::optional<Child>* split) {
    const size_t position = leaf->LowerBound(key, id);
    if (position < leaf->count() && leaf->Holds(position, key, id)) return false;
    memory_bytes_ -= leaf->memory_bytes();
    leaf->InsertAt(position, key, id);
    if (leaf->MustSplit()) {
      std::unique_ptr<OrderedLeaf> right = leaf->SplitOff(leaf->SplitPosition(position));
      memory_bytes_ += right->memory_bytes();
      split->emplace();
      SetSeparator(*leaf, *right, &**split);
      (*split)->node.leaf = std::move(right);
    }
    memory_bytes_ += leaf->memory_bytes();
    return true;
  }

  void SplitInner(Inner* inner, size_t inserted, std::optional<Child>* split) {
    const size_t count = inner->children.size();
    const size_t position = inserted == count - 1 ? count - 2 : count / 2;
    auto right = std::make_unique<Inner>();
    const auto begin = inner->children.begin() + static_cast<ptrdiff_t>(position);
    right->children.assign(std::make_move_iterator(begin),
                           std::make_move_iterator(inner->children.end()));
    inner->children.erase(begin, inner->children.end());
    memory_bytes_ += sizeof(Inner);
    Child& first = right->children[0];
    memory_bytes_ -= SeparatorBytes(first);
    split->emplace(Child{.key = std::move(first.key), .id = first.id});
    first.key = std::string();
    memory_bytes_ += SeparatorBytes(first);
    (*split)->node.inner = std::move(right);
  }

  bool EraseFrom(Node* node, std::string_view key, uint64_t id) {
    if (node->leaf != nullptr) {
      OrderedLeaf* leaf = node->leaf.get();
      const size_t position = leaf->LowerBound(key, id);
      if (position == leaf->count() || !leaf->Holds(position, key, id)) return false;
      memory_bytes_ -= leaf->memory_bytes();
      leaf->EraseAt(position);
      memory_bytes_ += leaf->memory_bytes();
      return true;
    }
    Inner* inner = node->inner.get();
    const size_t position = ChildOf(*inner, key, id);
    if (!EraseFrom(&inner->children[position].node, key, id)) return false;
    // Leaves and inner nodes that became small join a neighbour under the same parent.
    if (!RemoveIfEmpty(inner, position)) {
      const bool joined = position + 1 < inner->children.size() && Join(inner, position);
      if (!joined && position > 0) Join(inner, position - 1);
    }
    return true;
  }

  void RemoveChild(Inner* inner, size_t position) {
    Child& child = inner->children[position];
    memory_bytes_ -= SeparatorBytes(child);
    if (child.node.leaf != nullptr) {
      OrderedLeaf* leaf = child.node.leaf.get();
      memory_bytes_ -= leaf->memory_bytes();
      if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
      if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
    } else {
      memory_bytes_ -= sizeof(Inner);
    }
    inner->children.erase(inner->children.begin() + static_cast<ptrdiff_t>(position));
  }

  bool RemoveIfEmpty(Inner* inner, size_t position) {
    const Node& node = inner->children[position].node;
    const bool empty =
        node.leaf != nullptr ? node.leaf->count() == 0 : node.inner->children.empty();
    if (!empty) return false;
    RemoveChild(inner, position);
    return true;
  }

  // Joins the children at `position` and behind it when one of them is small and both fit one.
  bool Join(Inner* inner, size_t position) {
    Node& left = inner->children[position].node;
    Child& right = inner->children[position + 1];
    if (left.leaf != nullptr) {
      const size_t small = kMaxLeafBytes / 4;
      if (left.leaf->used_bytes() > small && right.node.leaf->used_bytes() > small) return false;
      memory_bytes_ -= left.leaf->memory_bytes();
      const bool absorbed = left.leaf->Absorb(*right.node.leaf);
      memory_bytes_ += left.leaf->memory_bytes();
      if (absorbed) RemoveChild(inner, position + 1);
      return absorbed;
    }
    std::vector<Child>& from = right.node.inner->children;
    if (left.inner->children.size() + from.size() > kMaxChildCount / 2) return false;
    memory_bytes_ -= SeparatorBytes(from[0]);
    from[0].key = right.key;
    from[0].id = right.id;
    memory_bytes_ += SeparatorBytes(from[0]);
    left.inner->children.insert(left.inner->children.end(), std::make_move_iterator(from.begin()),
                                std::make_move_iterator(from.end()));
    from.clear();
    RemoveChild(inner, position + 1);
    return true;
  }

  void CheckNode(const Node& node, const OrderedLeaf** last, uint64_t* count,
                 uint64_t* bytes) const {
    if (node.leaf != nullptr) {
      node.leaf->CheckInvariants();
      CHECK(node.leaf->previous == *last);
      CHECK(node.leaf->count() > 0 || node.leaf.get() == root_.leaf.get());
      if (*last != nullptr) {
        const auto before =
            std::pair((*last)->Key((*last)->count() - 1), (*last)->id((*last)->count() - 1));
        CHECK(before < std::pair(node.leaf->Key(0), node.leaf->id(0)));
      }
      *last = node.leaf.get();
      *count += node.leaf->count();
      *bytes += node.leaf->memory_bytes();
      return;
    }
    const std::vector<Child>& children = node.inner->children;
    CHECK(!children.empty() && children.size() <= kMaxChildCount);
    *bytes += sizeof(Inner);
    for (size_t i = 0; i < children.size(); ++i) {
      *bytes += SeparatorBytes(children[i]);
      if (i != 0) {
        const auto separator = std::pair(children[i].key, children[i].id);
        CHECK(separator >
              std::pair((*last)->Key((*last)->count() - 1), (*last)->id((*last)->count() - 1)));
      }
      const OrderedLeaf* before = *last;
      CheckNode(children[i].node, last, count, bytes);
      const OrderedLeaf* first = before == nullptr ? nullptr : before->next;
      if (i == 0 || first == nullptr) continue;
      CHECK(std::pair(children[i].key, children[i].id) <= std::pair(first->Key(0), first->id(0)));
    }
  }

  Node root_;
  uint64_t memory_bytes_ = 0;
};

OrderedIndex::OrderedIndex() : tree_(std::make_unique<Tree>()) {}
OrderedIndex::~OrderedIndex() = default;

bool OrderedIndex::Insert(std::string_view key, uint64_t id) {
  CHECK_LE(key.size(), kMaxOrderedKeyBytes);
  CHECK_EQ(id >> 48, 0u);
  if (!tree_->Insert(key, id)) return false;
  ++size_;
  return true;
}

bool OrderedIndex::Erase(std::string_view key, uint64_t id) {
  if (!tree_->Erase(key, id)) return false;
  --size_;
  return true;
}

OrderedIndex::Iterator OrderedIndex::LowerBound(std::string_view key, uint64_t id) const {
  Iterator it;
  std::tie(it.leaf_, it.position_) = tree_->LowerBound(key, id);
  it.Load();
  return it;
}

std::optional<uint64_t> OrderedIndex::FirstId(std::string_view key) const {
  auto [leaf, position] = tree_->LowerBound(key, 0);
  if (leaf == nullptr || position == leaf->count()) return std::nullopt;
  const uint64_t id = leaf->id(position);
  if (!leaf->Holds(position, key, id)) return std::nullopt;
  return id;
}

void OrderedIndex::Iterator::Load() {
  if (leaf_ != nullptr && position_ == leaf_->count()) {
    leaf_ = leaf_->next;
    position_ = 0;
  }
  if (leaf_ == nullptr) return;
  key_.assign(leaf_->prefix());
  key_.append(leaf_->suffix(position_));
}

void OrderedIndex::Iterator::Next() {
  ++position_;
  Load();
}

uint64_t OrderedIndex::memory_bytes() const { return tree_->memory_bytes(); }

void OrderedIndex::Clear() {
  tree_ = std::make_unique<Tree>();
  size_ = 0;
}

bool OrderedIndex::ClearSome(int64_t* units) {
  while (size_ > 0 && *units > 0) {
    const Iterator first = LowerBound("");
    Erase(first.key(), first.id());
    --*units;
  }
  return size_ == 0;
}

void OrderedIndex::CheckInvariants() const { tree_->CheckInvariants(size_); }

}  // namespace tidemark::storage
