#include "infra/postgres_migration_plan.hpp"

#include <algorithm>
#include <charconv>

namespace cornice::infra {

namespace {

constexpr std::size_t number_digits = 4;
constexpr std::string_view suffix = ".sql";

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_name_char(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_';
}

result<void> check_numbers(const std::vector<migration>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i > 0 && files[i].number == files[i - 1].number)
      return error{errc::corrupt, "migrations " + files[i - 1].name + " and " + files[i].name +
                                      " have the same number"};
    const auto expected = static_cast<std::int64_t>(i) + 1;
    if (files[i].number != expected)
      return error{errc::corrupt, "migration " + files[i].name + " stands where number " +
                                      std::to_string(expected) + " is expected: one is missing"};
  }
  return {};
}

}  // namespace

result<std::int64_t> migration_number(std::string_view file_name) {
  const error wrong{errc::corrupt, "migration " + std::string{file_name} +
                                       " is not named NNNN_name.sql (four digits; name of a-z, "
                                       "0-9 and underscores)"};
  if (file_name.size() < number_digits + 2 + suffix.size() || !file_name.ends_with(suffix) ||
      file_name[number_digits] != '_')
    return wrong;
  const auto digits = file_name.substr(0, number_digits);
  auto name = file_name.substr(number_digits + 1);
  name.remove_suffix(suffix.size());
  if (!std::all_of(digits.begin(), digits.end(), is_digit) ||
      !std::all_of(name.begin(), name.end(), is_name_char))
    return wrong;
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

result<std::vector<migration>> plan_migrations(std::vector<migration> files,
                                               std::vector<migration> applied) {
  const auto by_number = [](const migration& a, const migration& b) {
    return a.number != b.number ? a.number < b.number : a.name < b.name;
  };
  std::sort(files.begin(), files.end(), by_number);
  std::sort(applied.begin(), applied.end(), by_number);
  CORNICE_CHECK_OK(check_numbers(files));
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const auto& then = applied[i];
    if (i >= files.size() || files[i].number != then.number || files[i].name != then.name)
      return error{errc::corrupt, "migration " + then.name +
                                      " was applied to this database but is missing on disk"};
    if (files[i].sha256 != then.sha256)
      return error{errc::corrupt, "migration " + then.name +
                                      " was changed after it was applied: SHA-256 was " +
                                      then.sha256 + ", is " + files[i].sha256};
  }
  files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(applied.size()));
  return files;
}

}  // namespace cornice::infra
