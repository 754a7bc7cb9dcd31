#!/usr/bin/env bash
# usage: ./test.sh [--long]
# Everything CI runs: build with warnings as errors, format, tests. The last line is the sum: N passed, N failed, N skipped.
#   --long  also runs the tests marked [Trait("Speed", "long")]
set -euo pipefail
cd "$(dirname "$0")"
chosen='-trait- Speed=long'
case ${1:-} in
  '') ;;
  --long) chosen= ;;
  *) echo "test.sh: '$1' is not an option; it takes --long." >&2; exit 2 ;;
esac
command -v dotnet >/dev/null || { echo "dotnet was not found; the tests need the .NET 10 SDK." >&2; exit 1; }
readonly chosen results=artifacts/test-results
export chosen results
failures=0
# Programs that live for seconds gain nothing from code that is compiled once more by how it ran: a fifth of the tests' processor time.
export DOTNET_TieredPGO=0

# One compiler for all projects, which ends with the build: each compiler that starts spends seconds on becoming fast.
readonly compiler=ortdpo-test-$$
version=$(dotnet --version)
sdks=$(dotnet --list-sdks | sed -n "s/^$version \[\(.*\)\]\$/\1/p")
end_compiler() { dotnet "$sdks/$version/Roslyn/bincore/VBCSCompiler.dll" "-pipename:$compiler" -shutdown >/dev/null; }
trap end_compiler EXIT
if ! dotnet build OrtDpo.sln -c Release -nologo -v q -clp:NoSummary -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler"; then
  echo "0 passed, 1 failed"
  exit 1
fi
end_compiler
trap - EXIT
# What these tests run on.
dotnet artifacts/bin/Cli/release/OrtDpo.Cli.dll env

# The build has checked style; this is the layout of lines, and takes seconds since it loads no project.
if ! dotnet format whitespace . --folder --verify-no-changes --exclude artifacts; then
  echo "dotnet format finds the lines above not formatted; run: dotnet format whitespace . --folder"
  failures=1
fi

rm -rf "$results"
mkdir -p "$results"
# run PROJECT: its tests, as the program that the project is; what it says comes when it has ended.
run() {
  local failed=0
  # shellcheck disable=SC2086 # no option, or two words
  dotnet "artifacts/bin/$1/release/OrtDpo.$1.dll" $chosen -noLogo -noColor -result-trx "$results/$1.trx" >"$results/$1.txt" 2>&1 || failed=1
  cat "$results/$1.txt"
  return $failed
}
export -f run
# Two projects at a time, those that take longest first.
readonly longest='Pipeline Train CudaEngine Models Tokenizers Cli'
{
  printf '%s.Tests\n' $longest
  basename -s .csproj tests/*/*.Tests.csproj | grep -vxF "$(printf '%s.Tests\n' $longest)"
} | xargs -P 2 -I {} bash -c 'run {}' || failures=$((failures + 1))

# sum COUNTER: of all projects' <Counters total=".." executed=".." passed=".." failed=".." ...>
sum() { cat "$results"/*.trx | grep -o '<Counters [^>]*' | sed "s/.* $1=\"\([0-9]*\)\".*/\1/" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(sum passed) failed=$(sum failed) skipped=$(($(sum total) - $(sum executed)))
# A test process that died, or a format that is wrong, fails without a failed test.
if [ "$failures" -gt 0 ] && [ "$failed" -eq 0 ]; then failed=$failures; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
