#!/usr/bin/env bash
# Makes a stand-in for the Dockerfile's base image, for machines that reach Debian's archive and npm's registry but no
# registry of images: Debian from debootstrap, Node and its headers from the npm package "node", npm from this machine.
# Needs root, debootstrap, npm and podman. The arguments after the image's name are podman's own, before its command.
#
#   scripts/base-image.sh localhost/node-base [--root DIRECTORY …]
set -euo pipefail
name="$1"
shift
cd "$(dirname "$0")/.."
version="$(sed -nE 's/^ARG NODE_IMAGE=.*node:([0-9.]+)-.*/\1/p' Dockerfile)"
work="$(mktemp --directory)"
trap 'rm -rf "$work"' EXIT

debootstrap --variant=minbase bookworm "$work/root" >"$work/log" || {
  tail "$work/log" >&2
  exit 1
}
npm install --silent --prefix "$work/node" "node@$version"
binary="$(find "$work/node" -path '*/node-linux-*/bin/node')"
cp --recursive "${binary%/bin/node}"/{bin,include} "$(npm root --global)/npm" "$work/root/usr/local/"
mkdir -p "$work/root/usr/local/lib/node_modules"
mv "$work/root/usr/local/npm" "$work/root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/root/usr/local/bin/npm"

# The registry and the certificate authorities that this machine uses, since the builds inside go the same way.
mkdir -p "$work/root/usr/local/etc" "$work/root/etc/ssl/certs"
cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
npm config get registry 2>/dev/null | sed 's/^/registry=/' >"$work/root/usr/local/etc/npmrc"

tar --directory "$work/root" --create . |
  podman "$@" import --quiet \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
    - "$name"
