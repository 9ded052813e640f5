#!/usr/bin/env bash
# Fetches the tools of Prometheus 3 and the Alertmanager of its time from the pool of Debian's testing release, for the tests that compare them
# with those of the stable release. Says and does nothing where they are there already. The system stays as it is: nothing is
# installed, apt gets a source list and state directories of its own, and what it downloads is unpacked into one folder.
# With `--server` Prometheus itself too, which the tests do not need but scripts/matrix.sh does.
# Needs no root. Prints one line and succeeds where the pool cannot be had: the tests say what they miss.
set -euo pipefail

folder="${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ecmp-exporter/newer-prometheus"
tools=(promtool amtool)
packages=(promtool prometheus-alertmanager)
if [ "${1:-}" = --server ]; then
  tools+=(prometheus)
  packages+=(prometheus)
fi
for tool in "${tools[@]}"; do
  [ -x "$folder/$tool" ] || missing=1
done
[ -n "${missing:-}" ] || exit 0

give_up() {
  echo "newer-prometheus: $1, so tests with Prometheus 3's promtool are skipped"
  exit 0
}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
command -v apt-get >/dev/null && [ -e "$keyring" ] || give_up "this is not Debian"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
echo "deb [signed-by=$keyring] http://deb.debian.org/debian testing main" >"$work/sources.list"
# Of the machine's configuration nothing but proxies and the like applies.
options=(
  -qq
  -o "Dir::Etc::SourceList=$work/sources.list"
  -o Dir::Etc::SourceParts=-
  -o "Dir::State=$work/state"
  -o Dir::State::Status=/dev/null
  -o "Dir::Cache=$work/cache"
  -o "APT::Sandbox::User=$(id -un)"
  -o Acquire::Languages=none
)
echo "newer-prometheus: fetching promtool and amtool of Debian testing"
apt-get "${options[@]}" update || give_up "Debian's testing pool is not reached"
cd "$work"
apt-get "${options[@]}" download "${packages[@]}" >/dev/null ||
  give_up "Debian's testing pool does not give its packages"
for package in ./*.deb; do
  dpkg-deb -x "$package" unpacked
done
mkdir -p "$folder"
for tool in "${tools[@]}"; do
  install -m 755 "unpacked/usr/bin/$tool" "$folder/$tool.new"
  # One that does not run here, for want of a newer C library, is as good as none.
  "$folder/$tool.new" --version >/dev/null 2>&1 || give_up "$tool of Debian testing does not run here"
  mv "$folder/$tool.new" "$folder/$tool"
done
