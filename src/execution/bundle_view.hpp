// What a bundle's orders amount to, leg by leg. Shared by the two files of bundle_machine.
#pragma once

#include "cornice/execution/bundle_machine.hpp"

namespace cornice::execution {

struct bundle_machine::leg_view {
  quantity net;  ///< bought minus unwound
  std::uint32_t orders = 0;
};

struct bundle_machine::situation {
  std::vector<leg_view> legs;
  quantity least;
  quantity most;
  money unwind_loss;  ///< so far: the legs' limits minus what the sales brought
  bool any_fill = false;
  bool any_open = false;
  bool any_sent = false;
};

}  // namespace cornice::execution
