#!/usr/bin/env bash
# Checks the workflows, the action that users call, and every shell script here, with actionlint
# and shellcheck, which come from the Python package index into a folder that goes again.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" || {
  echo "actions.sh: python3 has no venv here; install it: apt-get install python3-venv" >&2
  exit 1
}
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
  --require-hashes --requirement .ci/actions-requirements.txt
# Any version reads our files, so that it is not pinned to one version of Python.
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyyaml
PATH="$work/venv/bin:$PATH"

# Through the workflows that use it, actionlint sees the inputs of action.yml too.
actionlint .github/workflows/*.yml
python3 .ci/action_yml.py action.yml .github/workflows/*.yml
shellcheck --external-sources .ci/run .ci/*.sh .ci/postgres-image/*.sh .github/actions/shakedown/*.sh
echo "actions.sh: workflows, action and scripts are as they should be"
