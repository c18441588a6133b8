#include "cornice/base/check.hpp"
#include "infra/config_visitor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>

namespace cornice::infra {
namespace {

// The earliest problem of a file. Descriptions are walked in their own order, so the whole file is
// read before it is known which problem comes first.
class first_problem {
 public:
  explicit first_problem(const std::string& file) : file_{file} {}

  void report(errc code, std::size_t offset, std::size_t line, const std::string& what) {
    if (found_ && offset_ <= offset) return;
    found_ = error{code, file_ + ":" + std::to_string(line) + ": " + what};
    offset_ = offset;
  }
  [[nodiscard]] const std::optional<error>& found() const { return found_; }

 private:
  const std::string& file_;
  std::optional<error> found_;
  std::size_t offset_ = 0;
};

// Edits (insert, remove, replace) between two keys.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

// ` did you mean "limits"?`, or all keys when none is near.
std::string advice(std::string_view unknown, const std::set<std::string>& known) {
  constexpr std::size_t longest_compared = 64;
  const auto distance_to = [&](const std::string& key) {
    return distance(unknown.substr(0, longest_compared), key);
  };
  if (known.empty()) return "this object has no keys";
  const auto nearest = std::min_element(
      known.begin(), known.end(),
      [&](const auto& a, const auto& b) { return distance_to(a) < distance_to(b); });
  if (2 * distance_to(*nearest) <= nearest->size()) return "did you mean \"" + *nearest + "\"?";
  std::string all = "known keys are";
  for (const std::string& key : known) all += (&key == &*known.begin() ? " " : ", ") + key;
  return all;
}

class reader final : public config_section::state {
 public:
  reader(const config_node& node, std::string pointer, first_problem& problems)
      : node_{node}, pointer_{std::move(pointer)}, problems_{problems} {}

  void visit(config_value value, bool required) override {
    const config_node* const found = claim(value.key, required, value.expected);
    if (!found) return;
    const auto done = value.assign(*found);
    if (done) return;
    problems_.report(done.error().code, found->offset, found->line,
                     pointer_to(pointer_, value.key) + ": " + done.error().message + "; expected " +
                         value.expected);
  }

  void visit(config_object object, bool required) override {
    const config_node* const found = claim(object.key, required, "an object");
    if (!found) return;
    const std::string pointer = pointer_to(pointer_, object.key);
    if (!is_object(*found, pointer)) return;
    if (!object.free_keys) {
      read(*found, pointer, [&](config_section& s) { object.describe({}, s); });
      return;
    }
    for (const config_member& member : found->members) {
      const std::string own = pointer_to(pointer, member.key);
      if (is_object(member.value, own))
        read(member.value, own, [&](config_section& s) { object.describe(member.key, s); });
    }
  }

  // Call after the description: what it did not name is unknown.
  void report_unknown() {
    for (const config_member& member : node_.members)
      if (!known_.contains(member.key))
        problems_.report(
            errc::invalid_argument, member.offset, member.line,
            pointer_to(pointer_, member.key) + ": unknown key; " + advice(member.key, known_));
  }

  // Lets a key through that no description names.
  void ignore(const std::string& key) { known_.insert(key); }

 private:
  const config_node* claim(const std::string& key, bool required, const std::string& expected) {
    invariant(known_.insert(key).second, "a configuration key is described once");
    const config_node* const found = node_.find(key);
    if (!found && required)
      problems_.report(errc::missing_field, node_.last_offset, node_.last_line,
                       pointer_to(pointer_, key) + ": missing; expected " + expected);
    return found;
  }

  bool is_object(const config_node& node, const std::string& pointer) {
    if (node.type == config_node::kind::object) return true;
    problems_.report(errc::invalid_argument, node.offset, node.line,
                     pointer + ": not an object; expected an object in braces");
    return false;
  }

  template <class Describe>
  void read(const config_node& node, const std::string& pointer, Describe describe) {
    reader inner{node, pointer, problems_};
    config_section section{inner};
    describe(section);
    inner.report_unknown();
  }

  const config_node& node_;
  std::string pointer_;
  first_problem& problems_;
  std::set<std::string> known_;
};

}  // namespace

result<void> read_config_text(std::string_view text, const std::string& name,
                              const std::function<void(config_section&)>& describe) {
  CORNICE_TRY(root, parse_config_document(text, name));
  first_problem problems{name};
  if (root.type != config_node::kind::object) {
    problems.report(errc::invalid_argument, root.offset, root.line,
                    "the configuration is not an object; expected one in braces");
  } else {
    reader top{root, {}, problems};
    config_section section{top};
    describe(section);
    top.ignore("$schema");
    top.report_unknown();
  }
  if (problems.found()) return *problems.found();
  return {};
}

result<void> read_config(const std::string& file,
                         const std::function<void(config_section&)>& describe) {
  errno = 0;
  std::ifstream in{file, std::ios::binary};
  if (!in) {
    const int why = errno;
    return error{why == ENOENT ? errc::not_found : errc::io,
                 file + ": cannot open the configuration: " + std::strerror(why)};
  }
  // One byte more than the parser takes, so that it sees a file that is too large.
  constexpr std::size_t most = (1u << 20) + 1;
  std::string text(most, '\0');
  in.read(text.data(), static_cast<std::streamsize>(most));
  if (in.bad() || (in.fail() && !in.eof()))
    return error{errc::io, file + ": cannot read the configuration"};
  text.resize(static_cast<std::size_t>(in.gcount()));
  return read_config_text(text, file, describe);
}

}  // namespace cornice::infra
