#!/bin/sh
# Builds a workspace's test targets, runs each test binary by itself and writes what it said to a file of its own.
#
#   cargo-test.sh COUNT FILE… COUNT FILE… FLAG…    files that narrow the run, files whose documentation's examples are tests; the rest are cargo's flags
#
# A target that does not compile keeps no other from running. Cargo tells which binary belongs to which target, libtest gives its
# results in JSON. The run's secret is taken away before any of the repository's code runs; at the end it signs what was seen: what each
# binary said, kept here as soon as it ended, with its exit status. So whoever writes into the folder of the report adds nothing.
report=$(dirname "$0")/../report
secret=$(cat "$report/nonce") || exit 1
rm -f "$report/nonce"

count=$1
shift
wanted=
while [ "$count" -gt 0 ]; do
  wanted="$wanted$PWD/$1
"
  shift
  count=$((count - 1))
done
count=$1
shift
documented=
while [ "$count" -gt 0 ]; do
  documented="$documented$PWD/$1
"
  shift
  count=$((count - 1))
done

notes=
note() {
  notes="$notes$*
"
}
digest() {
  sha256sum | cut -c1-64
}
# Keeps a text under the name of a file. It is in this process until the end: no test reads or writes what others said.
names=
keep() {
  eval "text_$1=\$2"
  names="$names $1"
  note "kept $1.txt $(printf '%s' "$2" | digest)"
}
finish() {
  for name in $names; do
    eval "printf '%s' \"\$text_$name\"" >"$report/$name.txt"
  done
  mac=$({ printf '%s' "$secret" && printf '%s' "$notes" && printf '%s' "$secret"; } | digest)
  printf '%s\n%s' "$mac" "$notes" >"$report/signed.txt"
  exit 0
}
note "cwd $PWD"

# What was resolved for the state with the fix holds for all states: nothing else is installed.
root=$(cargo locate-project --workspace --message-format plain) || exit 1
root=$(dirname "$root")
note "root $root"
lock=/testbed/.quarry/lock/Cargo.lock
if [ -f "$lock" ]; then cp "$lock" "$root/Cargo.lock" && chmod u+w "$root/Cargo.lock"; fi

metadata=$(cargo metadata --no-deps --format-version 1 --offline) || exit 1
keep metadata "$metadata"
keep sources "$(find "$root" -name .quarry -prune -o -name target -prune -o -name '*.rs' -print)"

# kind, name and root source of every target of the workspace
targets=$(printf '%s' "$metadata" | grep -o '"kind":\["[a-z-]*"[^}]*"src_path":"[^"]*"' |
  sed 's/^"kind":\["\([a-z-]*\)".*"name":"\([^"]*\)","src_path":"\([^"]*\)"$/\1	\2	\3/')

# Of the targets, those that hold a file: whose root it is, else those whose folder holds it, the innermost.
holders() {
  exact=$(printf '%s\n' "$targets" | awk -F '\t' -v file="$1" '$3 == file')
  if [ -n "$exact" ]; then
    printf '%s\n' "$exact"
    return
  fi
  printf '%s\n' "$targets" | awk -F '\t' -v file="$1" '
    $1 != "custom-build" && $1 != "example" && $1 != "bench" {
      folder = $3
      sub(/[^\/]*$/, "", folder)
      if (index(file, folder) == 1) {
        if (length(folder) > best) { best = length(folder); found = "" }
        if (length(folder) == best) found = found $0 "\n"
      }
    }
    END { printf "%s", found }'
}

selection=
roots=
if [ -n "$wanted" ]; then
  chosen=$(printf '%s' "$wanted" | while IFS= read -r file; do holders "$file"; done | sort -u)
  if [ -z "$chosen" ]; then finish; fi
  roots=$(printf '%s\n' "$chosen" | cut -f 3)
  selection=$(printf '%s\n' "$chosen" | awk -F '\t' '
    $1 == "bin" { print "--bin=" $2; next }
    $1 == "test" { print "--test=" $2; next }
    { print "--lib" }' | sort -u)
fi

# One target that does not compile stops no other. What cargo builds for tests is the same either way; only the choice of targets is not.
build() {
  if [ -z "$wanted" ]; then
    cargo build --keep-going --tests --offline --message-format json-render-diagnostics "$@"
    return
  fi
  worst=0
  for target in $selection; do
    cargo test --no-run "$target" --offline --message-format json-render-diagnostics "$@" || worst=$?
  done
  return "$worst"
}
# Build scripts and procedural macros run before the tests are compiled, and could write them anew.
tested=$(find "$root" \( -name .quarry -o -name target -o -name .git \) -prune -o -type f -name '*.rs' \
  -exec grep -lE '#\[[^]]*test|proptest!|quickcheck!' {} +)
sums() {
  if [ -n "$tested" ]; then printf '%s\n' "$tested" | tr '\n' '\0' | xargs -0 sha256sum; fi
}
before=$(sums)
problems=$(mktemp)
built=$(build "$@" 2>"$problems")
status=$?
cat "$problems" >&2
keep problems "$(grep -E '^error: could not compile' "$problems")"
note "build $status"
if [ "$(sums)" != "$before" ]; then note rewritten; fi

artifact='^{"reason":"compiler-artifact","package_id":"\([^"]*\)","manifest_path":"\([^"]*\)","target":{"kind":\["\([a-z-]*\)".*"name":"\([^"]*\)","src_path":"\([^"]*\)".*'
programs=$(printf '%s\n' "$built" | sed -n "s/$artifact\"profile\":{[^}]*\"test\":false}.*\"executable\":\"\([^\"]*\)\".*/\3	\4	\6/p" |
  awk -F '\t' '$1 == "bin" { print $2 "=" $3 }')
tests=$(printf '%s\n' "$built" | sed -n "s/$artifact\"profile\":{[^}]*\"test\":true}.*\"executable\":\"\([^\"]*\)\".*/\1	\2	\3	\4	\5	\6/p")

# As cargo does before it runs a test.
libraries=$(rustc --print target-libdir)
export LD_LIBRARY_PATH="${CARGO_TARGET_DIR:-$root/target}/debug/deps:${CARGO_TARGET_DIR:-$root/target}/debug:$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
CARGO=$(command -v cargo)
export CARGO
for program in $programs; do
  case ${program%%=*} in
    *[!A-Za-z0-9_]*) ;;
    *) export "CARGO_BIN_EXE_$program" ;;
  esac
done

run() {
  version=${1##*[#@]}
  case $1 in
    *'#'*@*) name=${1##*#} && name=${name%@*} ;;
    *) name=${1%#*} && name=${name##*/} ;;
  esac
  core=${version%%[-+]*}
  tail=${core#*.}
  cd "$(dirname "$2")" || return 1
  export CARGO_MANIFEST_PATH="$2" CARGO_MANIFEST_DIR="$PWD" CARGO_PKG_NAME="$name" CARGO_PKG_VERSION="$version"
  export CARGO_PKG_VERSION_MAJOR="${core%%.*}" CARGO_PKG_VERSION_MINOR="${tail%%.*}" CARGO_PKG_VERSION_PATCH="${tail#*.}"
  # Any value opens libtest's JSON; this one keeps compilers that tests start on their stable side.
  export RUSTC_BOOTSTRAP=-1
  shift 2
  exec "$@" </dev/null
}

# A test took the whole binary with it: each gets a process of its own, so that it alone fails.
one_by_one() {
  tests_here=$( (run "$package" "$manifest" "$program" --list --format terse) 2>/dev/null | sed -n 's/: test$//p')
  for each in $tests_here; do
    number=$((number + 1))
    : >"$report/now"
    (run "$package" "$manifest" "$program" --exact "$each" -Z unstable-options --format json --report-time) >>"$report/now"
    status=$?
    keep "binary_$number" "$(cat "$report/now")"
    note "alone binary_$number.txt $status $kind $each $source"
  done
}

number=0
tab=$(printf '\t')
while IFS="$tab" read -r package manifest kind name source program; do
  if [ -z "$program" ]; then continue; fi
  if [ -n "$roots" ] && ! printf '%s\n' "$roots" | grep -qxF "$source"; then continue; fi
  number=$((number + 1))
  : >"$report/now"
  (run "$package" "$manifest" "$program" -Z unstable-options --format json --report-time) >>"$report/now"
  status=$?
  said=$(cat "$report/now")
  case $said in
    *'"suite"'*) ;;
    *)
      # A program of its own, without libtest: all that it tells is how it ends.
      (run "$package" "$manifest" "$program") >/dev/null
      status=$?
      said=
      ;;
  esac
  case $said in
    '' | *'{ "type": "suite", "event": "ok"'* | *'{ "type": "suite", "event": "failed"'*)
      keep "binary_$number" "$said"
      note "ran binary_$number.txt $status $kind $name $source"
      ;;
    *) one_by_one ;;
  esac
done <<LIST
$tests
LIST

# Examples in documentation. They run in the whole suite alone: no test of a change is one of them. The settings of the tests' compiler are not this one's: a build
# script that looks at them would be stale.
examples() {
  tool=$(mktemp)
  printf '#!/bin/sh\nexport RUSTC_BOOTSTRAP=-1\nexec rustdoc "$@"\n' >"$tool" && chmod +x "$tool"
  filters=$(printf '%s' "$documented" | while IFS= read -r file; do printf '%s\n' "${file#"$root"/}"; done)
  : >"$report/now"
  # No file here has a blank in its name.
  # shellcheck disable=SC2086
  RUSTDOC=$tool cargo test --doc --offline --no-fail-fast "$@" -- -Z unstable-options --format json $filters </dev/null >>"$report/now"
  status=$?
  keep examples "$(cat "$report/now")"
  note "examples examples.txt $status"
}
if [ -n "$documented" ] && [ -z "$wanted" ] && command -v rustdoc >/dev/null; then examples "$@"; fi

note end
finish
