#!/usr/bin/env bash
# Builds the image from the Dockerfile, starts it the way docs/deployment.md says, and checks what it promises: no privilege but
# CAP_NET_RAW, a read-only root, health, living metrics, reload, a quick stop with exit code 0. Works in a storage of its own,
# without a network but loopback inside the containers, and removes all of it. Needs root and podman; a few minutes.
#
#   scripts/check-image.sh                 # with the base image that the Dockerfile names
#   scripts/check-image.sh --local-base    # with a stand-in for it: see base-image.sh
set -euo pipefail
cd "$(dirname "$0")/.."
root="$PWD"
work="$(mktemp --directory)"
storage=(--root "$work/storage" --runroot "$work/run" --tmpdir "$work/tmp" --cgroup-manager cgroupfs --runtime runc --events-backend file)
engine() { timeout --kill-after=10s 15m podman "${storage[@]}" "$@"; }
containers=()
finish() {
  for each in "${containers[@]}"; do engine rm --force --time 0 "$each" >/dev/null 2>&1 || true; done
  umount --recursive "$work/storage/overlay" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

fail() {
  echo "check-image: $*" >&2
  exit 1
}
# The text that comes second holds the line or words that come third; the first says what it is.
holds() { [[ "$2" == *"$3"* ]] || fail "$1 should hold \"$3\" and is: $2"; }
says() { echo "$(($(date +%s) - started)) s: $*"; }
started="$(date +%s)"

revision="$(git rev-parse --short=12 HEAD)"
version="$(node --print 'require("./package.json").version')"
arguments=(--build-arg "REVISION=$revision" --build-arg "VERSION=$version")
if [ "${1:-}" = --local-base ]; then
  bash scripts/base-image.sh localhost/node-base "${storage[@]}" >/dev/null
  arguments+=(--build-arg NODE_IMAGE=localhost/node-base)
  says "made a base image"
fi
# Docker's format of images, because the other one has no health checks. A chroot is enough to run the steps in.
engine build --quiet --format docker --isolation chroot --network host --ulimit nofile=4096 \
  "${arguments[@]}" --tag localhost/ecmp-exporter "$root" >"$work/build.log" 2>&1 || {
  tail -n 40 "$work/build.log" >&2
  fail "the image cannot be built"
}
says "built the image"

facts="$(engine image inspect --format '{{.User}} {{json .Config.Entrypoint}} {{json .HealthCheck.Test}} {{json .Labels}}' localhost/ecmp-exporter)"
holds "the image's user" "$facts" "65532:65532 "
holds "the image's entrypoint" "$facts" '["/usr/local/bin/node","/opt/ecmp-exporter/dist/cli.js"]'
holds "the image's health check" "$facts" '["CMD","/usr/local/bin/node","/opt/ecmp-exporter/healthcheck.mjs"]'
holds "the image's labels" "$facts" "\"org.opencontainers.image.revision\":\"$revision\""
says "$(engine image inspect --format 'the image has {{.Size}} bytes' localhost/ecmp-exporter)"

# Starts a container, its name first, then the engine's options; without a network but loopback.
start() {
  local name="$1"
  shift
  containers+=("$name")
  engine create --name "$name" --network none --no-healthcheck --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 \
    --cap-drop=ALL "$@" localhost/ecmp-exporter >/dev/null
  engine start "$name" >"$work/$name.start" 2>&1
}
inside() { engine exec "$1" /usr/local/bin/node --input-type=module --eval "$2"; }
# Waits until the health check that is in the image passes.
until_ready() {
  local tries
  for ((tries = 0; tries < 40; tries += 1)); do
    ! engine exec "$1" /usr/local/bin/node /opt/ecmp-exporter/healthcheck.mjs >"$work/health" 2>&1 || return 0
    sleep 0.5
  done
  engine logs "$1" >&2 || true
  fail "$1 is not ready: $(cat "$work/health")"
}

start plain --read-only --cap-add=NET_RAW
engine mount plain >"$work/mounted"
image="$(cat "$work/mounted")"
[ -z "$(find "$image" -xdev -perm /6000 -type f)" ] || fail "there are setuid files in the image"
programs="$(find "$image" -xdev -path '*bin/*' ! -path "$image/opt/*" -type f -printf '/%P\n')"
[ "$programs" = /usr/local/bin/node ] || fail "programs in the image: $programs"
[ -z "$(find "$image" -xdev \( -uid 65532 -o -gid 65532 -o -perm /o+w \) ! -type l ! -path "$image/tmp")" ] ||
  fail "the program's user could write files of the image"
capable="$(getcap -r "$image")"
[ "$capable" = "$image/usr/local/bin/node cap_net_raw=ep" ] || fail "files with capabilities: $capable"
until_ready plain
says "ready, as seen by the image's own health check"

status="$(inside plain 'import { readFileSync as read } from "node:fs"; console.log(read("/proc/1/status", "utf8").replaceAll(/\s+/g, " "), read("/proc/1/cmdline", "utf8").split("\0").join(" "))')"
holds "process 1" "$status" " /opt/ecmp-exporter/dist/cli.js --config.file="
holds "its user" "$status" "Uid: 65532 65532 65532 65532 Gid: 65532"
for set in CapPrm CapEff CapBnd; do holds "its capabilities" "$status" "$set: 0000000000002000"; done
written="$(inside plain 'import { writeFileSync } from "node:fs"; try { writeFileSync("/opt/x", "") } catch (error) { console.log(error.code) }')"
[ "$written" = EROFS ] || fail "the root file system can be written: $written"
metrics() {
  inside "$1" 'console.log(await (await fetch("http://127.0.0.1:10190/metrics")).text())'
}
# 64 flows in 10 seconds; the first tenth of them will do.
for ((tries = 0; tries < 30; tries += 1)); do
  text="$(metrics plain)"
  answered="$(awk '/^ecmp_probe_rtt_seconds_count/ { n += $NF } END { print n + 0 }' <<<"$text")"
  [ "$answered" -lt 6 ] || break
  sleep 0.5
done
[ "$answered" -ge 6 ] || fail "no living metrics: $answered probes answered"
failed="$(awk '/^ecmp_probe_failures_total/ { n += $NF } END { print n + 0 }' <<<"$text")"
[ "$failed" -eq 0 ] || fail "$failed probes to loopback failed"
holds "/metrics" "$text" "ecmp_exporter_build_info{version=\"$version\",revision=\"$revision\""
says "$answered probes answered, none lost"

engine kill --signal HUP plain >/dev/null
sleep 1
logged="$(engine logs plain 2>&1)"
holds "the log" "$logged" "receiving through a packet ring"
holds "the log" "$logged" "configuration reloaded"
from="$(date +%s%N)"
engine stop --time 20 plain >/dev/null
took="$((($(date +%s%N) - from) / 1000000))"
code="$(engine inspect --format '{{.State.ExitCode}}' plain)"
[ "$code" = 0 ] || fail "SIGTERM ends in exit code $code"
[ "$took" -lt 5000 ] || fail "SIGTERM took $took ms"
says "stopped by SIGTERM within $took ms, the engine's own time included"

start strict --read-only --cap-add=NET_RAW --user 0 --security-opt no-new-privileges
until_ready strict
status="$(inside strict 'import { readFileSync } from "node:fs"; console.log(readFileSync("/proc/1/status", "utf8").replaceAll(/\s+/g, " "))')"
holds "process 1" "$status" "CapEff: 0000000000002000"
holds "process 1" "$status" "NoNewPrivs: 1"
says "ready as root with that one capability, under no-new-privileges"

# Some engines refuse to start it, others say afterwards that it could not be executed.
start without --read-only || true
[ "$(engine wait without)" != 0 ] || fail "the image starts without NET_RAW"
holds "what the engine says" "$(cat "$work/without.start"; engine logs without 2>&1)" "peration not permitted"
says "refused without the capability; all is well"
