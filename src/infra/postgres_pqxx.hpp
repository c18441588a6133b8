// What differs between libpqxx 6.4 (Debian 12), 7.8 (Ubuntu 24.04) and 7.10 (Debian 13), in one
// place. Included by the few .cpp files that speak libpqxx.
#pragma once

#include "cornice/infra/postgres.hpp"

#include <pqxx/pqxx>
#if PQXX_VERSION_MAJOR < 7
#include <pqxx/tablewriter>
#endif

#include <optional>
#include <string>
#include <vector>

namespace cornice::infra::pqxx_adapter {

/// libpqxx 6 would quietly reconnect in the middle of our work, without the session's settings,
/// locks and prepared statements; 7 never does.
inline void forbid_reconnect(pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#else
  static_cast<void>(connection);
#endif
}

/// Keeps the server's warnings out of our stderr: they belong in its own log. Lives no longer than
/// the connection.
class silence {
 public:
#if PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 10)
  explicit silence(pqxx::connection& connection) {
    connection.set_notice_handler([](pqxx::zview) {});
  }
#else
  explicit silence(pqxx::connection& connection) : handler_{connection} {}

 private:
  pqxx::quiet_errorhandler handler_;
#endif
};

#if PQXX_VERSION_MAJOR < 7

inline std::vector<const char*> pointers(const std::vector<std::optional<std::string>>& values) {
  std::vector<const char*> out;
  out.reserve(values.size());
  for (const auto& v : values) out.push_back(v ? v->c_str() : nullptr);
  return out;
}

inline pqxx::result exec_prepared(pqxx::transaction_base& tx, const std::string& name,
                                  const pg_params& params) {
  return tx.exec_prepared(name, pqxx::prepare::make_dynamic_params(pointers(params.values())));
}

inline pqxx::result exec_params(pqxx::transaction_base& tx, const std::string& sql,
                                const pg_params& params) {
  return tx.exec_params(sql, pqxx::prepare::make_dynamic_params(pointers(params.values())));
}

/// One line of COPY's text form. The client encoding is UTF-8, so bytes can be looked at singly.
inline std::string copy_line(const std::vector<std::optional<std::string>>& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += '\t';
    if (!row[i]) {
      line += "\\N";
      continue;
    }
    for (char c : *row[i]) {
      if (c == '\\' || c == '\t' || c == '\n' || c == '\r') line += '\\';
      line += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
    }
  }
  return line;
}

/// stream_to of libpqxx 6 takes only rows whose length is known at compile time, and the older
/// tablewriter turns empty cells into NULL unless the lines are given raw.
inline void copy(pqxx::transaction_base& tx, const std::string& table,
                 const std::vector<std::string>& columns,
                 const std::vector<std::vector<std::optional<std::string>>>& rows) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  pqxx::tablewriter writer{tx, table, columns.begin(), columns.end()};
#pragma GCC diagnostic pop
  for (const auto& row : rows) writer.write_raw_line(copy_line(row));
  writer.complete();
}

#else

inline pqxx::params as_params(const pg_params& params) {
  pqxx::params out;
  out.reserve(params.values().size());
  for (const auto& v : params.values()) {
    if (v) {
      out.append(*v);
    } else {
      out.append();
    }
  }
  return out;
}

#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
inline pqxx::result exec_prepared(pqxx::transaction_base& tx, const std::string& name,
                                  const pg_params& params) {
  return tx.exec(pqxx::prepped{name}, as_params(params));
}

inline pqxx::result exec_params(pqxx::transaction_base& tx, const std::string& sql,
                                const pg_params& params) {
  return tx.exec(sql, as_params(params));
}
#else
inline pqxx::result exec_prepared(pqxx::transaction_base& tx, const std::string& name,
                                  const pg_params& params) {
  return tx.exec_prepared(name, as_params(params));
}

inline pqxx::result exec_params(pqxx::transaction_base& tx, const std::string& sql,
                                const pg_params& params) {
  return tx.exec_params(sql, as_params(params));
}
#endif

inline void copy(pqxx::transaction_base& tx, const std::string& table,
                 const std::vector<std::string>& columns,
                 const std::vector<std::vector<std::optional<std::string>>>& rows) {
  std::string list;
  for (const auto& c : columns) list.append(list.empty() ? "" : ",").append(c);
  auto stream = pqxx::stream_to::raw_table(tx, table, list);
  for (const auto& row : rows) stream.write_row(row);
  stream.complete();
}

#endif

}  // namespace cornice::infra::pqxx_adapter

namespace cornice::infra {

struct pg_rows::state {
  pqxx::result rows;
};

}  // namespace cornice::infra
