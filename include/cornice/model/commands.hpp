// Messages on cornice.command: requests of people and of other pieces, with an expiry and the
// caller's identity.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"

#include <string>
#include <vector>

namespace cornice {

/// Routing key = name. Known: halt, resume, cancel-all (to execution); reconcile (execution ->
/// whoever reads the account: routing key `reconcile.<venue>`); mappings-changed, recorder (to
/// data); log-level (to all).
struct command_request {
  std::string name;
  std::string scope;       ///< `global` or a venue, where the command has one
  std::string argument;    ///< command-specific, may be empty
  std::string reason;      ///< for the audit trail
  std::string caller;      ///< token name, `cli:<user>`, `signal`, `file`, or a component
  std::string request_id;  ///< unique; a repeated one is answered, not done again
  timestamp issued{};
  timestamp expires{};
  friend bool operator==(const command_request&, const command_request&) = default;
};

struct command_reply {
  std::string request_id;
  bool accepted = false;
  std::string message;  ///< what was done, or why not and what would be right
  friend bool operator==(const command_reply&, const command_reply&) = default;
};

}  // namespace cornice
