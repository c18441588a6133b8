#include "cornice/infra/clock.hpp"

namespace cornice::infra {
namespace {

class operating_system_clock final : public clock {
 public:
  [[nodiscard]] timestamp now() const noexcept override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] instant monotonic() const noexcept override {
    return std::chrono::steady_clock::now();
  }
};

}  // namespace

const clock& system_clock() noexcept {
  static const operating_system_clock the_clock;
  return the_clock;
}

}  // namespace cornice::infra
