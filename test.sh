#!/usr/bin/env bash
# usage: ./test.sh [--long]
# Everything CI runs: build with warnings as errors, format, tests. The last line is the sum: N passed, N failed, N skipped.
#   --long  also runs the tests marked [Trait("Speed", "long")]
set -euo pipefail
cd "$(dirname "$0")"
every=
case ${1:-} in
  '') ;;
  # Without the settings, which leave the long tests out.
  --long) every=-p:RunSettingsFilePath= ;;
  *) echo "test.sh: '$1' is not an option; it takes --long." >&2; exit 2 ;;
esac
command -v dotnet >/dev/null || { echo "dotnet was not found; the tests need the .NET 10 SDK." >&2; exit 1; }
readonly results=artifacts/test-results
failures=0

if ! dotnet build OrtDpo.sln -c Release -nologo -v q -clp:NoSummary; then
  echo "0 passed, 1 failed"
  exit 1
fi
# What these tests run on.
dotnet artifacts/bin/Cli/release/OrtDpo.Cli.dll env

# The build has checked style; this is the layout of lines, and takes seconds since it loads no project.
if ! dotnet format whitespace . --folder --verify-no-changes --exclude artifacts; then
  echo "dotnet format finds the lines above not formatted; run: dotnet format whitespace . --folder"
  failures=1
fi

rm -rf "$results"
dotnet test OrtDpo.sln -c Release --no-build -nologo -m:2 ${every:+"$every"} \
  --logger trx --results-directory "$results" || failures=$((failures + 1))

# sum COUNTER: of all projects' <Counters total=".." executed=".." passed=".." failed=".." ...>
sum() { cat "$results"/*.trx | grep -o '<Counters [^>]*' | sed "s/.* $1=\"\([0-9]*\)\".*/\1/" | awk '{ n += $1 } END { print n + 0 }'; }
passed=$(sum passed) failed=$(sum failed) skipped=$(($(sum total) - $(sum executed)))
# A test process that died, or a format that is wrong, fails without a failed test.
if [ "$failures" -gt 0 ] && [ "$failed" -eq 0 ]; then failed=$failures; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
