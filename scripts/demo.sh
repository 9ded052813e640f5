#!/usr/bin/env bash
# Installs what is missing, builds, tells the story of one broken path: see demo.ts. Arguments go there.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
  echo "The demo builds network namespaces, so it needs root: run it with sudo." >&2
  exit 1
fi
cd "$(dirname "$0")/.."
bash scripts/install-test-tools.sh
npm run -s build
npm run -s build:lab
exec node dist-lab/scripts/demo.js "$@"
