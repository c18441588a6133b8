# Stages of scripts/test: each is timed, the first failing one ends the run, a table closes it. With
# CORNICE_BUDGET_MINUTES no stage begins after that time, and the table says so.
# shellcheck shell=bash
# Source it; the caller needs `set -euo pipefail`.

stage_names=() stage_seconds=() stage_results=()

stage() { # name command...
  local name=$1 began=$SECONDS code=0
  shift
  if [[ -n ${CORNICE_BUDGET_MINUTES:-} ]] && ((SECONDS > CORNICE_BUDGET_MINUTES * 60)); then
    stage_names+=("$name")
    stage_seconds+=(0)
    stage_results+=("NOT RUN: over the budget of $CORNICE_BUDGET_MINUTES minutes")
    return
  fi
  printf '\n== %s\n' "$name"
  # A subshell with errexit of its own: in an `if` or `||` bash would ignore it inside the stage.
  set +e
  (
    set -e
    "$@"
  )
  code=$?
  set -e
  stage_names+=("$name")
  stage_seconds+=($((SECONDS - began)))
  stage_results+=("$([[ $code == 0 ]] && printf ok || printf 'FAILED (%s)' "$code")")
  ((code == 0)) || {
    stage_table
    printf 'test: stage "%s" failed\n' "$name" >&2
    exit 1
  }
}

stage_table() {
  local i total=0
  printf '\n%-44s %8s  %s\n' stage time result
  for i in "${!stage_names[@]}"; do
    printf '%-44s %5d:%02d  %s\n' "${stage_names[i]}" $((stage_seconds[i] / 60)) $((stage_seconds[i] % 60)) \
      "${stage_results[i]}"
    total=$((total + stage_seconds[i]))
  done
  printf '%-44s %5d:%02d\n' total $((total / 60)) $((total % 60))
}
