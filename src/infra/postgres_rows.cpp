// Values in and out of statements.
#include "infra/postgres_pqxx.hpp"

#include <charconv>

namespace cornice::infra {

namespace {

pg_error bad_cell(std::size_t row, std::size_t column, const std::string& what) {
  return {errc::corrupt, "",
          "row " + std::to_string(row) + ", column " + std::to_string(column) + ": " + what};
}

pqxx::field cell(const pqxx::result& rows, std::size_t row, std::size_t column) {
  if (row >= static_cast<std::size_t>(rows.size()) ||
      column >= static_cast<std::size_t>(rows.columns()))
    throw bad_cell(row, column,
                   "the answer has only " + std::to_string(rows.size()) + " rows of " +
                       std::to_string(rows.columns()) + " columns");
  return rows[static_cast<pqxx::result::size_type>(row)][static_cast<pqxx::row::size_type>(column)];
}

}  // namespace

pg_params& pg_params::add_array(const std::vector<std::string>& v) {
  // Every element is quoted: that also keeps the words NULL and the empty string what they are.
  std::string text = "{";
  for (const auto& element : v) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (char c : element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return add(text += '}');
}

std::size_t pg_rows::size() const noexcept {
  return static_cast<std::size_t>(state_->rows.size());
}

std::size_t pg_rows::affected() const noexcept {
  return static_cast<std::size_t>(state_->rows.affected_rows());
}

bool pg_rows::is_null(std::size_t row, std::size_t column) const {
  return cell(state_->rows, row, column).is_null();
}

std::string_view pg_rows::text(std::size_t row, std::size_t column) const {
  const auto field = cell(state_->rows, row, column);
  if (field.is_null()) throw bad_cell(row, column, "unexpected NULL");
  return {field.c_str(), static_cast<std::size_t>(field.size())};
}

std::int64_t pg_rows::integer(std::size_t row, std::size_t column) const {
  const auto digits = text(row, column);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc{} || end != digits.data() + digits.size())
    throw bad_cell(row, column, "'" + std::string{digits} + "' is no 64-bit integer");
  return value;
}

bool pg_rows::boolean(std::size_t row, std::size_t column) const {
  const auto word = text(row, column);
  if (word == "t") return true;
  if (word == "f") return false;
  throw bad_cell(row, column, "'" + std::string{word} + "' is no boolean");
}

timestamp pg_rows::time(std::size_t row, std::size_t column) const {
  const auto words = text(row, column);
  auto parsed = parse_rfc3339(words);
  if (!parsed) throw bad_cell(row, column, "'" + std::string{words} + "' is no time with zone");
  return *parsed;
}

}  // namespace cornice::infra
