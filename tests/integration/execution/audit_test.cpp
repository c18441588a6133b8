#include "cornice/execution/audit.hpp"

#include "execution_database.hpp"

#include <string>
#include <vector>

namespace cornice::execution::testing {
namespace {

class audit_trail_test : public database_test {
 protected:
  void append(const std::string& subject, const std::string& detail) {
    database.exec("SELECT audit_append('2026-09-21T12:00:00.000001Z', 'tester', 'test.entry', $$" +
                  subject + "$$, $$" + detail + "$$)");
  }
  // With the triggers off, as only the owner of the table or a superuser can.
  void tamper(const std::string& sql) {
    database.exec("ALTER TABLE audit_log DISABLE TRIGGER USER");
    database.exec(sql);
    database.exec("ALTER TABLE audit_log ENABLE TRIGGER USER");
  }
  result<void> verified() {
    std::vector<audit_record> trail;
    const auto read = infra::run_blocking(
        database.config(1), [&](infra::pg_transaction& tx) { trail = read_audit(tx, 0, 1'000); });
    if (!read) return read.error();
    return verify(0, audit_genesis, trail);
  }
  std::string complaint() {
    const auto v = verified();
    return v ? "" : v.error().message;
  }
};

TEST_F(audit_trail_test, what_the_database_chains_is_what_we_verify) {
  append("plain", "text");
  append("", "");
  append("wörter, \"quotes\", \\ and a\nline", "5:length\n prefixed");
  EXPECT_TRUE(verified()) << complaint();
}

TEST_F(audit_trail_test, rows_cannot_be_changed_or_removed_while_the_triggers_stand) {
  append("a", "b");
  EXPECT_THROW(database.exec("UPDATE audit_log SET detail = 'x'"), std::runtime_error);
  EXPECT_THROW(database.exec("DELETE FROM audit_log"), std::runtime_error);
  EXPECT_THROW(database.exec("TRUNCATE audit_log"), std::runtime_error);
  EXPECT_EQ(database.count("audit_log"), 1);
}

TEST_F(audit_trail_test, a_changed_row_is_named) {
  for (int i = 0; i < 5; ++i) append(std::to_string(i), "detail");
  tamper("UPDATE audit_log SET detail = 'another' WHERE audit_no = 3");
  EXPECT_NE(complaint().find("audit entry 3:"), std::string::npos) << complaint();
  EXPECT_EQ(complaint().find("audit entry 4:"), std::string::npos) << complaint();
}

TEST_F(audit_trail_test, a_changed_row_with_a_fitting_hash_shows_in_the_next_one) {
  for (int i = 0; i < 5; ++i) append(std::to_string(i), "detail");
  const audit_entry forged{parse_rfc3339("2026-09-21T12:00:00.000001Z").value(), "tester",
                           "test.entry", "2", "forged"};
  const std::string before = database.value("SELECT hash FROM audit_log WHERE audit_no = 2");
  tamper("UPDATE audit_log SET detail = 'forged', hash = '" + audit_hash(before, 3, forged) +
         "' WHERE audit_no = 3");
  EXPECT_NE(complaint().find("audit entry 4:"), std::string::npos) << complaint();
}

TEST_F(audit_trail_test, a_removed_row_is_missed) {
  for (int i = 0; i < 5; ++i) append(std::to_string(i), "detail");
  tamper("DELETE FROM audit_log WHERE audit_no = 3");
  EXPECT_FALSE(verified());
}

}  // namespace
}  // namespace cornice::execution::testing
