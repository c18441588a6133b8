# Rules of the source tree that a compiler does not check. Reads C++ files named relative to the root and prints one
# line for each breach: file:line: rule: what was found.
#
# Written for any POSIX awk (mawk has no word boundaries, so words are framed by hand).

BEGIN {
  # May include, besides itself. The rule for strategy on venue is narrower, see below.
  allowed["base"] = ""
  allowed["model"] = "base"
  allowed["venue"] = "base model"
  allowed["strategy"] = "base model venue"
  allowed["infra"] = "base"
  allowed["data"] = "base model venue infra"
  allowed["execution"] = "base model venue infra"
  allowed["sim"] = "base model venue infra"
  allowed["api"] = "base model infra"
  allowed["app"] = "base model venue strategy infra data execution api sim"

  without_io = "base model venue strategy"
  integer_only = "model venue execution"
  # The one test whose subject is a sleep.
  sleeps_allowed["tests/unit/infra/async_test.cpp"] = 1
}

function breach(rule, what) {
  printf "%s:%d: %s: %s\n", FILENAME, FNR, rule, what
  breaches++
}

function is_listed(name, list) {
  return index(" " list " ", " " name " ") > 0
}

function has_word(line, word) {
  return (" " line " ") ~ ("[^A-Za-z0-9_]" word "[^A-Za-z0-9_]")
}

# The included path, or nothing.
function included_path(line,   text) {
  if (line !~ /^[ \t]*#[ \t]*include[ \t]*[<"]/) return ""
  text = line
  sub(/^[ \t]*#[ \t]*include[ \t]*[<"]/, "", text)
  sub(/[>"].*$/, "", text)
  return text
}

function check_include(path,   parts, target, public_header) {
  if (is_listed(area, without_io) && path ~ /^boost\/(asio|beast)/)
    breach("no-io", area " may not include " path)
  if (path ~ /^boost\/(beast|asio\/ssl)/ && FILENAME !~ /^src\/infra\//)
    breach("beast-only-in-infra", path " may be included in src/infra only")

  split(path, parts, "/")
  public_header = parts[1] == "cornice"
  target = public_header ? parts[2] : parts[1]
  if (!(target in allowed) || path !~ /\//) return
  if (target == area) {
    if (!public_header && FILENAME ~ /^include\//)
      breach("private-header", "a public header may not include the private " path)
    return
  }
  if (!is_listed(target, allowed[area]))
    breach("layer", area " may not include " path " (it may include: " (allowed[area] == "" ? "nothing" : allowed[area]) ")")
  else if (area == "strategy" && target == "venue" && path !~ /^cornice\/venue\/.*fee/)
    breach("layer", "strategy may include the fee headers of venue only, not " path)
  else if (!public_header && area != "app")
    breach("private-header", path " is private to " target)
}

FNR == 1 {
  split(FILENAME, where, "/")
  area = where[1] == "include" ? where[3] : where[1] == "src" ? where[2] : ""
  if (area != "" && !(area in allowed)) breach("layer", "the area " area " is not known to this check")
}

{
  path = included_path($0)
  if (path != "" && area in allowed) check_include(path)
  if (area != "" && is_listed(area, integer_only)) {
    if (has_word($0, "double")) breach("no-floating-point", "the word double")
    if (has_word($0, "float")) breach("no-floating-point", "the word float")
  }
  if ($0 ~ /asio::detached/ || path == "boost/asio/detached.hpp")
    breach("no-detached", "use spawn or stop_source of cornice/infra/async.hpp")
  if (where[1] == "tests" && !(FILENAME in sleeps_allowed))
    if ($0 ~ /sleep_(for|until)/ || $0 ~ /(^|[^A-Za-z0-9_])(u|nano)?sleep[ \t]*\(/)
      breach("no-sleep", "wait for the effect with a limit instead")
}

END { exit breaches > 0 }
