#!/usr/bin/env bash
# usage: eng/thrown-sentences.sh
# Runs the built test projects, but for Pipeline.Tests, whose commands' sentences are recorded by themselves, and collects the sentences of
# all exceptions that the libraries throw in them. Prints the difference to those that were recorded: '-' is gone, '+' is new, '~' is thrown
# as another type. Exit code 1 if a recorded sentence is gone. Build first: dotnet build OrtDpo.sln -c Release
set -euo pipefail
cd "$(dirname "$0")/.."
readonly recorded=tests/fixtures/first-slice/thrown.txt
# One order of characters on every machine.
export LC_ALL=C

ORTDPO_SENTENCES=$(mktemp -d)
export ORTDPO_SENTENCES
trap 'rm -rf "$ORTDPO_SENTENCES"' EXIT

for project in tests/*/*.Tests.csproj; do
  case $project in
    */Pipeline.Tests.csproj) ;;
    *) dotnet test "$project" -c Release --no-build -nologo -v q --filter 'Speed!=long' >&2 ;;
  esac
done

found=$ORTDPO_SENTENCES/all
# Libraries name a property in backticks where the recorded sentences, which the command line still gives, have its option.
sort -u "$ORTDPO_SENTENCES"/*.txt |
  awk '{
    while (match($0, /`[A-Z][A-Za-z]*`/)) {
      name = substr($0, RSTART + 1, RLENGTH - 2)
      if (name == "Files") name = "Data"
      if (name == "EvalFiles") name = "EvalData"
      option = "-"
      for (i = 1; i <= length(name); i++) {
        c = substr(name, i, 1)
        option = option (c ~ /[A-Z]/ ? "-" tolower(c) : c)
      }
      $0 = substr($0, 1, RSTART - 1) option substr($0, RSTART + RLENGTH)
    }
    print
  }' | sort -u > "$found"
awk '
  { end = index($0, ": "); type = substr($0, 1, end - 1); text = substr($0, end + 2) }
  FNR == NR { before[text] = before[text] " " type; next }
  { after[text] = after[text] " " type }
  END {
    for (text in before)
      if (!(text in after)) { print "- " text; gone = 1 }
      else if (before[text] != after[text]) print "~ " text " (was" before[text] ", is" after[text] ")"
    for (text in after) if (!(text in before)) print "+ " text
    exit gone
  }' "$recorded" "$found" | sort
