#!/usr/bin/env bash
# The tests under every Node.js that is supported, and with Prometheus 2 and 3: each in a clone of its own, installed anew,
# since raw-socket is compiled for one version. Node.js comes from the npm packages that `node` is made of, Prometheus 3 from Debian's testing
# pool. Labs run only with --labs, as root. Prints a line for each and fails if one of them does.
#
#   scripts/matrix.sh [--labs] [22 24 ...]
set -uo pipefail
cd "$(dirname "$0")/.."

labs=
if [ "${1:-}" = --labs ]; then
  labs=1
  shift
fi
versions=("$@")
[ "${#versions[@]}" -gt 0 ] || versions=(20 22 24)
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
results=()
failed=0

# Notes how a part ended.
ended() {
  results+=("$1: $([ "$2" -eq 0 ] && echo passed || echo FAILED)")
  [ "$2" -eq 0 ] || failed=1
}

platform="$(node -p 'process.platform + "-" + process.arch')"

# Installs a Node.js of this major version with its headers, and prints its folder.
node_of() {
  npm install --silent --no-audit --no-fund --prefix "$work/node@$1" "node-$platform@$1" >&2 &&
    echo "$work/node@$1/node_modules/node-$platform"
}

for version in "${versions[@]}"; do
  echo "== Node.js $version"
  if ! root="$(node_of "$version")"; then
    ended "Node.js $version" 1
    continue
  fi
  git clone --quiet . "$work/node-$version"
  (
    cd "$work/node-$version" || exit 1
    # raw-socket is compiled against the headers of the Node.js that runs it, whatever npm is set to use else.
    export PATH="$root/bin:$PATH" npm_config_nodedir="$root"
    node --version
    npm ci && npm run check
  )
  ended "Node.js $version, linter, types and unit tests" $?
  [ -n "$labs" ] || continue
  (cd "$work/node-$version" && PATH="$root/bin:$PATH" npm run lab)
  ended "Node.js $version, labs" $?
done

bash scripts/newer-prometheus.sh --server
newer="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ecmp-exporter/newer-prometheus"
for folder in "" "$newer:"; do
  release="$(PATH="$folder$PATH" prometheus --version 2>&1 | sed -n '1s/^prometheus, version \([0-9.]*\).*/\1/p')"
  if [ -z "$release" ]; then
    ended "Prometheus${folder:+ 3}, which is not here" 1
    continue
  fi
  echo "== Prometheus $release"
  PATH="$folder$PATH" npx vitest run --project unit test/alerting test/metrics
  ended "Prometheus $release, rules and metrics" $?
  [ -n "$labs" ] || continue
  PATH="$folder$PATH" npx vitest run --project lab test/daemon/prometheus.lab.test.ts test/grafana
  ended "Prometheus $release, scrapes and dashboards" $?
done

printf '%s\n' "${results[@]}"
exit "$failed"
