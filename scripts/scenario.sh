#!/usr/bin/env bash
# Plays the original's introductory session against a real server on a throw-away database.
#
# The session is not part of this repository: CALNDRO_SCENARIO names it, by default the file
# beside the checkout. Without it nothing is played; that is a failure when
# CALNDRO_REQUIRE_SERVICES=1. Needs jq.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
# Unbuffered, HTTPie may still be writing when the session's grep -q has seen enough.
unset PYTHONUNBUFFERED

scenario=${CALNDRO_SCENARIO:-../shared/scenario/scenario.sh}
if [[ ! -r $scenario ]]; then
  echo "scenario: there is no $scenario; name it with CALNDRO_SCENARIO" >&2
  exit "${CALNDRO_REQUIRE_SERVICES:-0}"
fi

folder=$(mktemp -d)
server=
finish() {
  if [[ -n $server ]]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf "$folder"
}
trap finish EXIT

port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
password=$(python -c 'import secrets; print(secrets.token_hex(16))')
export CALNDRO_DATABASE_URL=sqlite:///$folder/calndro.db
export CALNDRO_EMAIL_BACKEND=filebased CALNDRO_EMAIL_FILE_PATH=$folder/mail
export CALNDRO_PUBLIC_URL=http://127.0.0.1:$port
mkdir "$folder/mail"

calndro user add you@here.net --password-stdin <<<"$password"
calndro serve --port "$port" >"$folder/log" 2>&1 &
server=$!

ready() { http --ignore-stdin --check-status --quiet --quiet GET "$CALNDRO_PUBLIC_URL/healthz"; }
for _ in $(seq 50); do
  if ready 2>/dev/null; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then break; fi
  sleep 0.2
done

if ! CALNDRO_URL=$CALNDRO_PUBLIC_URL CALNDRO_CREDENTIALS=you@here.net:$password \
  CALNDRO_MAIL_DIR=$CALNDRO_EMAIL_FILE_PATH "$scenario"; then
  echo "scenario: failed; the server said:" >&2
  cat "$folder/log" >&2
  exit 1
fi
