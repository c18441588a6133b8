#include "cornice/infra/log.hpp"
#include "cornice/infra/supervisor.hpp"

#include <systemd/sd-daemon.h>

#include <cstring>

namespace cornice::infra {

void notify_systemd(const std::string& state) {
  const int sent = ::sd_notify(0, state.c_str());
  if (sent >= 0) return;
  static const logger log{"systemd"};
  log.warn("systemd_notify_failed", {{"state", state}, {"reason", std::strerror(-sent)}});
}

std::chrono::microseconds systemd_watchdog() {
  std::uint64_t limit_us = 0;
  if (::sd_watchdog_enabled(0, &limit_us) <= 0) return std::chrono::microseconds{0};
  return std::chrono::microseconds{static_cast<std::int64_t>(limit_us)};
}

}  // namespace cornice::infra
