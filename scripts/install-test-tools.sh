#!/usr/bin/env bash
# Installs what the tests and the demo need and this machine lacks. Says and does nothing where all of it is there.
# With the argument `bench`: what `npm run bench` needs, and the probers that it measures beside the exporter, as far as they can be had.
set -euo pipefail

# A command and the Debian package that brings it. Names that only the wanted variant has: nc and traceroute exist in
# several, of which the others know neither -N nor --sport.
tools=(
  ip:iproute2
  nft:nftables
  tcpdump:tcpdump
  tshark:tshark
  ping:iputils-ping
  nc.openbsd:netcat-openbsd
  traceroute.db:traceroute
  ps:procps
  systemd-analyze:systemd
  openssl:openssl
  dnsmasq:dnsmasq-base
  chronyd:chrony
  gtlsserver:ngtcp2-server
  promtool:prometheus
  prometheus-alertmanager:prometheus-alertmanager
  chromium:chromium
  tmux:tmux
)

# Probers that are measured for comparison: the bench says which of them are not there.
others=()
if [ "${1-}" = bench ]; then
  tools=(ip:iproute2 nft:nftables tcpdump:tcpdump promtool:prometheus cc:build-essential taskset:util-linux)
  others=(
    prometheus-blackbox-exporter:prometheus-blackbox-exporter
    prometheus-smokeping-prober:prometheus-smokeping-prober
    scamper:scamper
    hping3:hping3
  )
else
  "$BASH" "${BASH_SOURCE[0]%/*}/newer-prometheus.sh"
fi

export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
missing=()
for tool in "${tools[@]}" "${others[@]}"; do
  command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "install-test-tools: not root, so these packages stay missing and tests that need them are skipped: ${missing[*]}"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "install-test-tools: without apt-get, install the equivalents of these Debian packages yourself: ${missing[*]}"
  exit 0
fi

# Packages must not start services here: Prometheus and Alertmanager would listen on ports, and the former scrape. Where the machine has a policy of
# its own, that one decides.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

echo "install-test-tools: installing ${missing[*]}"
# tshark asks who may capture; the default, root alone, is right.
export DEBIAN_FRONTEND=noninteractive
quiet=(-qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)
# A third party's list that cannot be had is no reason to give up; the installation says whether it matters.
apt-get "${quiet[@]}" update || true
packages=()
for package in "${missing[@]}"; do
  if [[ " ${others[*]} " == *":$package "* ]]; then
    apt-get "${quiet[@]}" install --yes --no-install-recommends "$package" >/dev/null ||
      echo "install-test-tools: $package cannot be had; what is measured with it is left out"
  elif [ "$package" != chrony ]; then
    packages+=("$package")
  fi
done
[ "${#packages[@]}" -eq 0 ] ||
  apt-get "${quiet[@]}" install --yes --no-install-recommends "${packages[@]}" >/dev/null

# Installed as a package chrony would take the place of the time daemon that this machine has. The tests need the program
# alone, and it needs only libraries that apt itself uses.
if [[ " ${missing[*]} " == *" chrony "* ]]; then
  unpacked="$(mktemp -d)"
  (cd "$unpacked" && apt-get "${quiet[@]}" -o APT::Sandbox::User=root download chrony >/dev/null && dpkg-deb -x chrony_*.deb .)
  install -m 755 "$unpacked/usr/sbin/chronyd" /usr/local/sbin/chronyd
  rm -r "$unpacked"
fi

# Nor at the next start of the machine.
for package in prometheus prometheus-alertmanager prometheus-blackbox-exporter prometheus-smokeping-prober; do
  if [[ " ${missing[*]} " == *" $package "* ]] && command -v systemctl >/dev/null; then
    systemctl disable --quiet "$package.service" || true
  fi
done
