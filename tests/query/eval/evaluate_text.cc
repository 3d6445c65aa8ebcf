// SPDX-License-Identifier: Apache-2.0
#include "tests/query/eval/evaluate_text.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "query/functions/failures.h"

namespace tidemark::query::eval {

using graph::Value;
using graph::ValueType;

namespace {

using Row = std::map<bound::VariableId, Value>;

// Owner: RunText. Threads: one.
class TextRunner {
 public:
  TextRunner(const bound::Statement& statement, const Parameters& parameters)
      : statement_(statement) {
    for (const bound::ParameterUse& use : statement.parameters) {
      const auto it = parameters.find(std::string(use.name));
      has_all_ = has_all_ && it != parameters.end();
      parameters_.push_back(it == parameters.end() ? Value() : it->second);
    }
    environment_.statement = statement.text;
    environment_.parameters = parameters_;
    environment_.graph = &graph_;
    environment_.pool = &pool_;
  }

  absl::StatusOr<ResultTable> Run() {
    if (!has_all_ || statement_.query == nullptr || statement_.query->branches.size() != 1) {
      return absl::UnimplementedError("");
    }
    for (const bound::Part& part : statement_.query->branches[0]->parts) {
      RETURN_IF_ERROR(RunPart(part));
    }
    ResultTable table;
    for (const bound::Column& column : statement_.query->columns) {
      table.columns.emplace_back(column.name);
    }
    for (const Row& row : rows_) {
      table.rows.emplace_back();
      for (const bound::Column& column : statement_.query->columns) {
        table.rows.back().push_back(row.at(column.variable));
      }
    }
    return table;
  }

 private:
  absl::Status RunPart(const bound::Part& part) {
    for (const bound::Clause* clause : part.clauses) {
      if (clause->kind != bound::ClauseKind::kUnwind) return absl::UnimplementedError("");
      RETURN_IF_ERROR(Unwind(bound::As<bound::Unwind>(*clause)));
    }
    const bound::Projection* projection = part.projection;
    if (projection == nullptr || projection->is_aggregating || projection->is_distinct ||
        !projection->order.empty() || projection->skip != nullptr || projection->limit != nullptr) {
      return absl::UnimplementedError("");
    }
    std::vector<Row> projected;
    for (Row& row : rows_) {
      Row out = row;
      for (const bound::Projected& item : projection->items) {
        ASSIGN_OR_RETURN(out[item.variable], ValueIn(row, *item.expression));
      }
      bool keep = true;
      for (const bound::Predicate& predicate : projection->where) {
        ASSIGN_OR_RETURN(const Value value, ValueIn(out, *predicate.condition));
        keep = keep && !value.is_null() && value.boolean();
      }
      if (keep) projected.push_back(std::move(out));
    }
    rows_ = std::move(projected);
    return absl::OkStatus();
  }

  absl::Status Unwind(const bound::Unwind& unwind) {
    std::vector<Row> rows;
    for (const Row& row : rows_) {
      ASSIGN_OR_RETURN(const Value list, ValueIn(row, *unwind.list));
      if (list.is_null()) continue;
      const auto elements =
          list.type() == ValueType::kList ? list.list() : absl::MakeConstSpan(&list, 1);
      for (const Value& element : elements) {
        rows.push_back(row);
        rows.back()[unwind.variable] = element;
      }
    }
    rows_ = std::move(rows);
    return absl::OkStatus();
  }

  ValueOr ValueIn(const Row& row, const bound::Expression& expression) {
    const BatchRef batch = Batch::Make(&pool_, 1);
    batch->set_row_count(1);
    Layout layout;
    for (const auto& [variable, value] : row) {
      layout.variables[variable] = static_cast<uint32_t>(batch->slot_count());
      batch->AddColumn(ColumnKind::kValue)->SetValue(0, value);
    }
    for (const bound::VariableId variable : NeedsOf(expression).variables) {
      if (!layout.variables.contains(variable)) return absl::UnimplementedError("");
    }
    ASSIGN_OR_RETURN(const Program program, Compile(expression, layout, statement_.text));
    ASSIGN_OR_RETURN(const Column* column, Evaluate(program, batch.get(), &environment_));
    return column->ValueAt(0);
  }

  const bound::Statement& statement_;
  bool has_all_ = true;
  std::vector<Value> parameters_;
  SlabPool pool_;
  TestGraph graph_;
  Environment environment_;
  std::vector<Row> rows_ = {{}};
};

}  // namespace

absl::Status TestAccount::Reserve(size_t bytes) {
  if (used_bytes_ + bytes > limit_) return Failure(ErrorId::kValueTooLarge, {"too much"});
  used_bytes_ += bytes;
  peak_bytes_ = std::max(peak_bytes_, used_bytes_);
  return absl::OkStatus();
}

absl::StatusOr<ResultTable> RunText(std::string_view text, const Parameters& parameters) {
  const BoundText bound = BindText(text);
  RETURN_IF_ERROR(bound.status);
  return TextRunner(*bound.statement, parameters).Run();
}

std::string Evaluated(std::string_view expression, const Parameters& parameters) {
  const auto table = RunText("RETURN " + std::string(expression) + " AS x", parameters);
  return table.ok() ? Shown(table->rows[0][0]) : Shown(table.status());
}

}  // namespace tidemark::query::eval
