# Configuring and building one CMake preset, for the scripts beside this folder.
# shellcheck shell=bash
# Source it; the caller needs `set -euo pipefail` and `root`, the top of the source tree.

# The largest translation units take a gigabyte: as many compilers as there are processors, but not more than fit.
build_jobs() {
  local processors available_kib fit
  processors=$(nproc)
  available_kib=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  fit=$((available_kib / 1200000))
  ((fit >= 1)) || fit=1
  printf '%s' $((processors < fit ? processors : fit))
}

build_preset() { # preset, then targets (none: everything)
  local preset=$1
  shift
  local -a targets=()
  (($# == 0)) || targets=(--target "$@")
  mkdir -p -- "$root/build"
  cmake --preset "$preset" -S "$root" >"$root/build/$preset.configure.log" 2>&1 || {
    tail -n 40 "$root/build/$preset.configure.log" >&2
    printf 'build: configuring preset %s failed\n' "$preset" >&2
    return 1
  }
  cmake --build "$root/build/$preset" -j "${CORNICE_JOBS:-$(build_jobs)}" "${targets[@]}"
}
