#include "app/cli/command_line.hpp"

#include "app/cli/audit_verify.hpp"
#include "app/cli/control.hpp"
#include "app/cli/maintenance.hpp"
#include "app/cli/markets.hpp"
#include "app/cli/read_view.hpp"
#include "app/cli/status.hpp"
#include "app/cli/token_create.hpp"
#include "app/daemon.hpp"
#include "cornice/api/views.hpp"
#include "cornice/infra/log.hpp"

#include <CLI/CLI.hpp>

#include <list>
#include <ostream>

namespace cornice::app::cli {
namespace {

constexpr const char* footer =
    "Exit status: 0 done; 1 failed, refused, or the answer is no; 2 command line or configuration "
    "wrong;\n3 daemon, database or broker not reachable or silent.";

std::string filter_help(std::string_view name) {
  if (name == "since") return "Only rows from this time on (2026-11-22T00:00:00Z)";
  if (name == "until") return "Only rows before this time";
  return "Only rows with this " + std::string{name};
}

// Values live here while CLI11 points at them; lists keep addresses.
struct parsed {
  run_options run;
  config_choice migrate;
  check_options check;
  status_options status;
  import_options import;
  propose_options propose;
  audit_options audit;
  token_options token;
  std::list<decide_options> decisions;
  std::list<control_options> controls;
  std::list<read_options> reads;
  std::list<std::string> values;
  bool version_json = false;
};

class command_tree {
 public:
  explicit command_tree(const terminal& t) : t_{t} { describe(); }

  int run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      return e.get_exit_code() == 0 ? app_.exit(e, t_.out, t_.err) : misused(e);
    }
    return status_;
  }

 private:
  int misused(const CLI::ParseError& e) {
    return fail_usage(t_, std::string{e.what()} +
                              "; `cornice --help` and `cornice COMMAND --help` "
                              "describe what is possible");
  }

  void describe() {
    app_.require_subcommand(1);
    app_.footer(footer);
    describe_running();
    describe_markets();
    describe_reads();
    describe_controls();
    describe_audit_and_tokens();
  }

  // Every leaf of the tree ends here.
  template <class F>
  void starts(CLI::App& command, F work) {
    command.callback([this, work = std::move(work)] { status_ = work(); });
  }

  CLI::App& command(CLI::App& parent, const std::string& name, const std::string& help) {
    return *parent.add_subcommand(name, help);
  }

  static void add_config(CLI::App& c, std::string& file, std::string& overlay) {
    c.add_option("--config", file,
                 "Configuration (config/cornice.json, else /etc/cornice/cornice.json)");
    c.add_option("--overlay", overlay, "Settings that take precedence over it");
  }
  static void add_config(CLI::App& c, config_choice& choice) {
    add_config(c, choice.file, choice.overlay);
  }
  static void add_json(CLI::App& c, bool& target) {
    c.add_flag("--json", target, "JSON, in the form of the HTTP interface");
  }

  void describe_running() {
    auto& run = command(app_, "run", "Run the daemon in the foreground");
    add_config(run, v_.run.config_file, v_.run.overlay_file);
    run.add_option("--tape", v_.run.tape_file, "Record every frame of the venues into this file");
    starts(run, [this] { return start_daemon(); });
    auto& record = command(app_, "record", "Run the daemon and record every frame of the venues");
    add_config(record, v_.run.config_file, v_.run.overlay_file);
    record.add_option("--tape", v_.run.tape_file, "File to record into")->required();
    starts(record, [this] { return start_daemon(); });
    auto& migrate_db = command(app_, "migrate", "Bring the database up to date");
    add_config(migrate_db, v_.migrate);
    starts(migrate_db, [this] { return migrate(v_.migrate, t_); });
    auto& check = command(app_, "check-config", "Check the configuration without starting");
    add_config(check, v_.check.config);
    auto* schema = check.add_flag("--print-schema", v_.check.print_schema,
                                  "Print the JSON Schema of the configuration");
    check.add_flag("--print-values", v_.check.print_values, "Print every effective value")
        ->excludes(schema);
    starts(check, [this] { return check_config(v_.check, t_); });
    auto& state = command(app_, "status", "Ask the running daemon how it is");
    add_config(state, v_.status.config);
    state.add_option("--url", v_.status.url, "Where it listens (from the configuration)");
    state.add_option("--ca-file", v_.status.ca_file, "Certificate authority of its certificate");
    add_json(state, v_.status.json);
    starts(state, [this] { return status(v_.status, t_); });
    auto& which = command(app_, "version", "Print the version");
    add_json(which, v_.version_json);
    starts(which, [this] { return version(v_.version_json, t_); });
  }

  void describe_markets() {
    auto& markets = command(app_, "markets", "Which listings belong together");
    markets.require_subcommand(1);
    add_read(markets, "list", "markets", "List mappings");
    auto& import = command(markets, "import", "Propose every market of a mapping file");
    add_config(import, v_.import.config);
    import.add_option("FILE", v_.import.file, "{\"markets\":[{\"market_id\",…}]}")->required();
    import.add_option("--reason", v_.import.evidence, "Why these contracts belong together");
    import
        .add_option("--wait", v_.import.wait_s,
                    "Seconds to wait for contracts that were not discovered yet")
        ->check(CLI::Range(0, 86'400));
    starts(import, [this] { return import_markets(v_.import, t_); });
    auto& propose =
        command(markets, "propose", "Compare what was discovered and propose what looks alike");
    add_config(propose, v_.propose.config);
    starts(propose, [this] { return propose_markets(v_.propose, t_); });
    add_decision(markets, mapping_decision::approve, "approve", "Allow trading of markets");
    add_decision(markets, mapping_decision::reject, "reject", "Refuse markets");
    add_decision(markets, mapping_decision::suspend, "suspend", "Stop trading of markets");
  }

  void add_decision(CLI::App& parent, mapping_decision decision, const char* name,
                    const char* help) {
    decide_options& o = v_.decisions.emplace_back();
    o.decision = decision;
    auto& c = command(parent, name, help);
    add_config(c, o.config);
    c.add_option("ID", o.ids, "Market ids");
    if (decision == mapping_decision::approve)
      c.add_flag("--all", o.all, "Every market that is proposed and was never suspended");
    c.add_option("--reason", o.reason, "Why; it goes into the audit trail")->required();
    starts(c, [this, &o] { return decide_markets(o, t_); });
  }

  // One option for each filter of the view: the command line cannot lag behind the interface.
  void add_read(CLI::App& parent, const char* name, const char* view_name, const char* help) {
    read_options& o = v_.reads.emplace_back();
    o.view = view_name;
    auto& c = command(parent, name, help);
    add_config(c, o.config);
    add_json(c, o.json);
    std::vector<std::pair<std::string, const std::string*>> given;
    const auto add = [&](const std::string& parameter, const std::string& text) {
      std::string& value = v_.values.emplace_back();
      c.add_option("--" + parameter, value, text);
      given.emplace_back(parameter, &value);
    };
    for (const api::view_filter& f : api::find_view(view_name)->filters)
      add(std::string{f.name}, filter_help(f.name));
    add("limit", "Rows of one page, 1 to 1000 (100)");
    add("cursor", "Page to continue with");
    starts(c, [this, &o, &c, given] {
      for (const auto& [parameter, value] : given)
        if (c.count("--" + parameter) > 0) o.parameters.emplace_back(parameter, *value);
      return read_view(o, t_);
    });
  }

  void describe_reads() {
    add_read(app_, "orders", "orders", "List orders, newest first");
    add_read(app_, "fills", "fills", "List fills, newest first");
    add_read(app_, "positions", "positions", "List positions");
    add_read(app_, "pnl", "pnl", "Profit and loss of each venue");
    add_read(app_, "bundles", "bundles", "List bundles, newest first");
    add_read(app_, "opportunities", "opportunities", "List opportunities, newest first");
    add_read(app_, "contracts", "contracts", "List the catalogue");
    add_read(app_, "breakers", "breakers", "State of the circuit breakers");
  }

  void describe_controls() {
    add_control("halt", "Open the breaker: cancel what is open, accept nothing");
    add_control("resume", "Close a breaker that waits for a person");
    add_control("cancel-all", "Cancel every open order");
  }

  void add_control(const char* name, const char* help) {
    control_options& o = v_.controls.emplace_back();
    o.name = name;
    auto& c = command(app_, name, help);
    add_config(c, o.config);
    c.add_option("--scope", o.scope, "global or a venue (global)");
    c.add_option("--reason", o.reason, "Why; it goes into the audit trail")->required();
    c.add_option("--timeout", o.timeout_s, "Seconds to wait for the answer (5)")
        ->check(CLI::Range(1, 60));
    add_json(c, o.json);
    starts(c, [this, &o] { return control(o, t_); });
  }

  void describe_audit_and_tokens() {
    auto& audit = command(app_, "audit", "The audit trail");
    audit.require_subcommand(1);
    add_read(audit, "list", "audit", "List entries, newest first");
    auto& verify = command(audit, "verify", "Prove that no entry was changed or removed");
    add_config(verify, v_.audit.config);
    add_json(verify, v_.audit.json);
    starts(verify, [this] { return audit_verify(v_.audit, t_); });
    auto& token = command(app_, "token", "Bearer tokens of the HTTP interface");
    token.require_subcommand(1);
    auto& create = command(token, "create", "Make a token and print it once");
    add_config(create, v_.token.config);
    create.add_option("--name", v_.token.name, "Whose; appears in the audit trail")->required();
    create.add_option("--role", v_.token.role, "viewer, operator or admin (viewer)")
        ->check(CLI::IsMember({"viewer", "operator", "admin"}));
    create.add_option("--file", v_.token.file, "Tokens file (from the configuration)");
    starts(create, [this] { return token_create(v_.token, t_); });
  }

  int start_daemon() {
    v_.run.config_file = config_file_of({v_.run.config_file, v_.run.overlay_file});
    return run_daemon(v_.run);
  }

  const terminal& t_;
  CLI::App app_{"Cornice, a trading daemon for prediction markets", "cornice"};
  parsed v_;
  int status_ = exit_ok;
};

}  // namespace

int run_command_line(int argc, const char* const* argv, const terminal& t) {
  // Commands speak to people in sentences of their own; `run` sets the level that is configured.
  infra::set_log_level(infra::log_level::critical);
  return command_tree{t}.run(argc, argv);
}

}  // namespace cornice::app::cli
