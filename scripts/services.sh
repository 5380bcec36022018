#!/usr/bin/env bash
# Finds or starts the servers that the tests need, and sees to a browser and other programs.
#
#   eval "$(scripts/services.sh start)"   prints one export line for each server
#   scripts/services.sh stop              stops what start has started, and nothing else
#
# A server named by its CALNDRO_TEST_…_URL is taken as it is; else the one on its usual port,
# where it lets us in; else a private one is started, installed first if need be. Whoever is not
# root needs sudo for that, and for RabbitMQ.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

python=.venv/bin/python
state=.venv/services

note() { echo "services: $*" >&2; }

as() { # user, command...: run it as this user
  local user=$1
  shift
  if [[ $(id -un) == "$user" ]]; then
    "$@"
  elif [[ $(id -u) == 0 ]]; then
    runuser -u "$user" -- "$@"
  else
    sudo -u "$user" -- "$@"
  fi
}

install() { # what to call it, arguments of apt-get install...
  note "installing $1"
  as root apt-get update -qq >&2
  as root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${@:2}" >&2
}

free_port() {
  "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

answers() { # SQLAlchemy URL: can we sign in there?
  "$python" -W ignore - "$1" <<'PY' 2>/dev/null
import sys

import sqlalchemy

sqlalchemy.create_engine(sys.argv[1], connect_args={"connect_timeout": 3}).connect().close()
PY
}

postgres_programs() { # print the folder of initdb and pg_ctl
  local found
  found=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1) || true
  if [[ -z $found ]] && command -v pg_ctl >/dev/null; then found=$(dirname "$(command -v pg_ctl)"); fi
  echo "$found"
}

start_postgres() { # print the URL of a private server
  local programs owner folder port
  if [[ -z $(postgres_programs) ]]; then
    install PostgreSQL postgresql
  fi
  programs=$(postgres_programs)
  if [[ -z $programs ]]; then
    note "there is no PostgreSQL"
    return 1
  fi
  # PostgreSQL refuses to run as root.
  owner=$(id -un)
  if [[ $owner == root ]]; then owner=postgres; fi
  folder=$(mktemp -d /tmp/calndro-postgres.XXXXXX)
  printf 'postgres\t%s\t%s\t%s\n' "$owner" "$programs" "$folder" >>"$state"
  chown "$owner" "$folder"
  port=$(free_port)
  note "starting a private PostgreSQL on port $port"
  (
    cd "$folder"
    as "$owner" "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C -N
    as "$owner" "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o \
      "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off" start
  ) >&2
  echo "postgresql+psycopg://postgres@127.0.0.1:$port/postgres"
}

postgres() {
  local url=${CALNDRO_TEST_POSTGRES_URL:-}
  if [[ -z $url ]]; then
    url=postgresql+psycopg://postgres@127.0.0.1:5432/postgres
    if answers "$url"; then note "PostgreSQL on its usual port"; else url=$(start_postgres); fi
  fi
  if ! answers "$url"; then
    note "PostgreSQL does not answer"
    return 1
  fi
  printf 'export CALNDRO_TEST_POSTGRES_URL=%q\n' "$url"
}

start_mariadb() { # print the URL of a private server
  local owner folder port
  if ! command -v mariadbd >/dev/null; then
    install MariaDB mariadb-server
  fi
  # MariaDB refuses to run as root, unless told to.
  owner=$(id -un)
  if [[ $owner == root ]]; then owner=mysql; fi
  folder=$(mktemp -d /tmp/calndro-mariadb.XXXXXX)
  printf 'mariadb\t%s\t%s\t%s\n' "$owner" - "$folder" >>"$state"
  chown "$owner" "$folder"
  port=$(free_port)
  note "starting a private MariaDB on port $port"
  (
    cd "$folder"
    as "$owner" mariadb-install-db --no-defaults --datadir="$folder/data" --skip-test-db \
      --auth-root-authentication-method=normal
    # It must not keep the pipe open that our caller reads.
    as "$owner" mariadbd --no-defaults --datadir="$folder/data" --socket="$folder/socket" \
      --pid-file="$folder/pid" --port="$port" --bind-address=127.0.0.1 \
      --innodb-flush-log-at-trx-commit=0 >"$folder/log" 2>&1 </dev/null &
    for _ in {1..100}; do
      if mariadb-admin --no-defaults --socket="$folder/socket" -u root ping; then break; fi
      sleep 0.2
    done
  ) >&2
  echo "mariadb+pymysql://root@127.0.0.1:$port"
}

mariadb_server() {
  local url=${CALNDRO_TEST_MARIADB_URL:-}
  if [[ -z $url ]]; then
    url=mariadb+pymysql://root@127.0.0.1:3306
    if answers "$url"; then note "MariaDB on its usual port"; else url=$(start_mariadb); fi
  fi
  if ! answers "$url"; then
    note "MariaDB does not answer"
    return 1
  fi
  printf 'export CALNDRO_TEST_MARIADB_URL=%q\n' "$url"
}

browser() {
  if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then
    install Chromium chromium
  fi
}

proxy() {
  if ! command -v nginx >/dev/null; then
    install nginx --no-install-recommends nginx-light
  fi
}

calendars() { # what reads our calendars besides the library that writes them
  if ! compgen -G '/usr/lib/*/libical.so.3' >/dev/null; then
    install libical --no-install-recommends libical3
  fi
  if ! command -v npm >/dev/null; then
    install npm --no-install-recommends nodejs npm
  fi
  if [[ ! -e .venv/ical.js/node_modules/ical.js/package.json ]]; then
    note "installing ical.js"
    npm install --silent --no-audit --no-fund --prefix .venv/ical.js ical.js@2.2.1 >&2
  fi
}

listens() { # port: does anything listen there?
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

await() { # port: until something listens there, for two minutes
  for _ in {1..600}; do
    if listens "$1"; then return; fi
    sleep 0.2
  done
  note "nothing listens on port $1"
  return 1
}

start_redis() { # print the URL of a private server
  local folder port
  if ! command -v redis-server >/dev/null; then
    install Redis redis-server
  fi
  folder=$(mktemp -d /tmp/calndro-redis.XXXXXX)
  port=$(free_port)
  printf 'redis\t%s\t%s\t%s\n' "$(id -un)" "$port" "$folder" >>"$state"
  note "starting a private Redis on port $port"
  redis-server --port "$port" --bind 127.0.0.1 --save '' --dir "$folder" --daemonize yes >&2
  await "$port"
  echo "redis://127.0.0.1:$port/13"
}

redis() {
  local url=${CALNDRO_TEST_REDIS_URL:-}
  if [[ -z $url ]]; then
    if listens 6379; then
      note "Redis on its usual port"
      url=redis://127.0.0.1:6379/13
    else
      url=$(start_redis)
    fi
  fi
  printf 'export CALNDRO_TEST_REDIS_URL=%q\n' "$url"
}

start_rabbitmq() { # print the URL of a private server
  local folder port
  if ! command -v rabbitmq-server >/dev/null; then
    install RabbitMQ rabbitmq-server
  fi
  folder=$(mktemp -d /tmp/calndro-rabbitmq.XXXXXX)
  port=$(free_port)
  printf 'rabbitmq\t%s\t%s\t%s\n' root "calndro-$port@localhost" "$folder" >>"$state"
  # Its script wants root, and changes over to the user of the package.
  chmod 0777 "$folder"
  note "starting a private RabbitMQ on port $port"
  echo "listeners.tcp.1 = 127.0.0.1:$port" >"$folder/rabbitmq.conf"
  as root env RABBITMQ_NODENAME="calndro-$port@localhost" RABBITMQ_DIST_PORT="$(free_port)" \
    RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_MNESIA_BASE="$folder" RABBITMQ_LOG_BASE="$folder" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$folder/plugins" \
    rabbitmq-server -detached >&2
  await "$port"
  echo "amqp://guest:guest@127.0.0.1:$port//"
}

rabbitmq() {
  local url=${CALNDRO_TEST_RABBITMQ_URL:-}
  if [[ -z $url ]]; then
    if listens 5672; then
      note "RabbitMQ on its usual port"
      url=amqp://guest:guest@127.0.0.1:5672//
    else
      url=$(start_rabbitmq)
    fi
  fi
  printf 'export CALNDRO_TEST_RABBITMQ_URL=%q\n' "$url"
}

tools() {
  local missing=() each
  for each in zsh fish tmux strace sqlite3; do
    command -v "$each" >/dev/null || missing+=("$each")
  done
  if ((${#missing[@]})); then
    install "${missing[*]}" "${missing[@]}"
  fi
}

start() {
  tools
  browser
  proxy
  calendars
  # A line for each further kind of server goes here.
  postgres
  mariadb_server
  redis
  rabbitmq
}

stop_one() { # kind, owner, programs, folder
  case $1 in
    postgres) as "$2" "$3/pg_ctl" -D "$4/data" -m immediate stop ;;
    mariadb) mariadb-admin --no-defaults --socket="$4/socket" -u root shutdown ;;
    redis) redis-cli -p "$3" shutdown nosave ;;
    rabbitmq) as root rabbitmqctl --node "$3" stop ;;
  esac
}

stop() {
  [[ -e $state ]] || return 0
  while IFS=$'\t' read -r kind owner programs folder; do
    note "stopping the private $kind"
    (cd "$folder" && stop_one "$kind" "$owner" "$programs" "$folder") >&2 || true
    as "$owner" rm -rf "$folder"
  done <"$state"
  rm -f "$state"
}

case ${1:-} in
  start | stop) "$1" ;;
  *)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
