#!/usr/bin/env bash
# usage: eng/feed/fill.sh [--refresh]
# Packs into eng/feed/packages what the machine's package registry lacks, and nothing that it has.
#   --refresh  asks the registry again; the answer is otherwise remembered in .setup
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly ids=(Microsoft.ML.Tokenizers Parquet.Net)
readonly feed=eng/feed/packages setup=.setup/feed
readonly answer=$setup/lacking
refresh=false
for argument in "$@"; do
  case $argument in
    --refresh) refresh=true ;;
    *) echo "fill.sh: '$argument' is not an option; it takes --refresh." >&2; exit 2 ;;
  esac
done
command -v dotnet >/dev/null || { echo "dotnet was not found; install the .NET 10 SDK." >&2; exit 1; }
mkdir -p "$setup"
exec 9>"$setup/lock"
flock 9

version() { sed -n "s/.*PackageVersion Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" Directory.Packages.props; }

# ask: prints the ids that the registry lacks. Restores into a folder of its own: what .packages holds is never asked for.
ask() {
  local log scratch=$setup/asked
  if log=$(IFS=';'; dotnet restore eng/feed/ask --no-http-cache --packages "$scratch" "-p:Ids=\"${ids[*]}\"" 2>&1); then
    rm -rf "$scratch"
    return
  fi
  rm -rf "$scratch"
  if grep -E 'error' <<<"$log" | grep -qvE 'NU110[12]:'; then
    printf 'The package registry could not be asked which packages it has:\n%s\n' "$log" >&2
    exit 1
  fi
  for id in "${ids[@]}"; do
    if grep -qE "NU110[12]: Unable to find package $id( |\.( |\$))" <<<"$log"; then echo "$id"; fi
  done
}

# inputs PROJECT...: a digest of everything that goes into the packages.
inputs() {
  {
    version "${1##*/}"
    find eng/feed/*.props eng/feed/*.targets "$@" -type f | LC_ALL=C sort | xargs sha256sum
  } | sha256sum | cut -d' ' -f1
}

# drop ID: removes the feed's package, and the copies that this clone restored from it.
drop() {
  rm -f "$feed/$1".[0-9]*.nupkg "$setup/$1"
  rm -rf ".packages/$(tr '[:upper:]' '[:lower:]' <<<"$1")"
}

# pack ID VERSION
pack() {
  local log
  drop "$1"
  if ! log=$(dotnet pack "eng/feed/$1" -c Release -o "$feed" "-p:Version=$2" -nologo -v q 2>&1); then
    printf 'Packing %s failed:\n%s\n' "$1" "$log" >&2
    exit 1
  fi
}

# fill ID [DEPENDENCY]: packs the id, and what it brings along, unless nothing changed since.
fill() {
  local digest
  digest=$(inputs "${@/#/eng/feed/}")
  if [ "$(cat "$setup/$1" 2>/dev/null)" = "$digest" ] && compgen -G "$feed/$1.[0-9]*.nupkg" >/dev/null; then return; fi
  echo "packing $1 $(version "$1")" >&2
  for id in "${@:2}" "$1"; do pack "$id" "$(version "$1")"; done
  echo "$digest" >"$setup/$1"
}

asked=$(for id in "${ids[@]}"; do echo "$id $(version "$id")"; done | sha256sum | cut -d' ' -f1)
if $refresh || [ "$(head -n 1 "$answer" 2>/dev/null)" != "$asked" ]; then
  echo "asking the package registry" >&2
  { echo "$asked"; ask; } >"$answer.new"
  mv "$answer.new" "$answer"
fi

for id in "${ids[@]}"; do
  if ! grep -qx "$id" "$answer"; then
    if compgen -G "$feed/$id.[0-9]*.nupkg" >/dev/null; then drop "$id"; fi
    continue
  fi
  if [ -d "eng/feed/$id" ]; then fill "$id"; fi
done
