# Running every fuzz target of a build for a bounded time.
# shellcheck shell=bash
# Source it; the caller needs `set -euo pipefail`.

fuzz_budget_seconds=360

# Each target gets the wished time as long as all of them, two at a time, fit the budget.
fuzz_seconds_each() { # wished count
  local rounds=$((($2 + 1) / 2)) seconds=$1
  ((rounds * seconds <= fuzz_budget_seconds)) || seconds=$((fuzz_budget_seconds / rounds))
  printf '%s' "$seconds"
}

fuzz_build() {
  local -a targets
  cmake --preset fuzz -S "$root" >"$root/build/fuzz.configure.log" 2>&1 || {
    tail -n 40 "$root/build/fuzz.configure.log" >&2
    return 1
  }
  # The areas that no target links need not be understood by this compiler.
  mapfile -t targets < <(ninja -C "$root/build/fuzz" -t targets all | sed -nE 's/^(fuzz_[a-z_]+): phony.*$/\1/p' | sort -u)
  ((${#targets[@]} > 0)) || { printf 'fuzz: no target\n' >&2; return 1; }
  build_preset fuzz "${targets[@]}"
}

fuzz_one() { # program corpus seconds log
  local found=${1%/*}/found/${1##*/}
  local -a seeds=()
  [[ ! -d $2 ]] || seeds=("$2")
  mkdir -p -- "$found"
  # libFuzzer writes what it finds into the first folder; artifacts name the input of a crash.
  "$1" -max_total_time="$3" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$found/crash-" "$found" "${seeds[@]}" >"$4" 2>&1
}

fuzz_report() { # name log code
  local runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$2")
  if (($3 == 0)); then
    printf '%-32s ok, %s executions\n' "$1" "${runs:-?}"
  else
    printf '%-32s FAILED\n' "$1"
    tail -n 40 "$2" >&2
  fi
}

fuzz_all() { # build-folder corpus-folder seconds
  local folder=$1 corpus=$2 seconds program name code failed=0 first
  local -a programs=() running=()
  mapfile -t programs < <(find "$folder" -type f -name 'fuzz_*' -perm -u+x | sort)
  ((${#programs[@]} > 0)) || { printf 'fuzz: no target in %s\n' "$folder" >&2; return 1; }
  seconds=$(fuzz_seconds_each "$3" "${#programs[@]}")
  printf '%s targets, %s s each, two at a time\n' "${#programs[@]}" "$seconds"
  mkdir -p -- "$folder/logs"
  for ((first = 0; first < ${#programs[@]}; first += 2)); do
    running=()
    for program in "${programs[@]:first:2}"; do
      name=${program##*/}
      fuzz_one "$program" "$corpus/${name#fuzz_}" "$seconds" "$folder/logs/$name.log" &
      running+=($!)
    done
    for program in "${programs[@]:first:2}"; do
      name=${program##*/} code=0
      wait "${running[0]}" || code=$?
      running=("${running[@]:1}")
      fuzz_report "$name" "$folder/logs/$name.log" "$code"
      ((code == 0)) || failed=1
    done
  done
  return "$failed"
}
