# Starts either server; makes the database cluster the first time, as the public image of PostgreSQL does.
set -eu
[ "$1" = postgres ] || exec "$@"
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
PGDATA=/var/lib/postgresql/data
export PATH PGDATA
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "$POSTGRES_PASSWORD" > /tmp/password
  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  rm /tmp/password
  pg_ctl --wait --options="-c listen_addresses= -k /tmp -p 1" start >/dev/null
  PGPASSWORD=$POSTGRES_PASSWORD createdb --host=/tmp --port=1 --username="$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl --wait stop >/dev/null
fi
exec "$@" -k /tmp
