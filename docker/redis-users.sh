# Makes Redis's ACL file of redis-users.acl, which lies beside this, and of the passwords in the environment; then does what
# it is told.
#
#   REDIS_PASSWORD=… REDIS_WORKER_PASSWORD=… REDIS_QUICK_PASSWORD=… sh redis-users.sh FILE [COMMAND…]
set -eu
hash() {
  printf %s "$1" | sha256sum | cut -c 1-64
}
control=$(hash "${REDIS_PASSWORD:?}")
worker=$(hash "${REDIS_WORKER_PASSWORD:?}")
quick=$(hash "${REDIS_QUICK_PASSWORD:?}")
file=$1
shift
sed -e '/^#/d' -e '/^$/d' -e "s/#CONTROL/#$control/" -e "s/#WORKER/#$worker/" -e "s/#QUICK/#$quick/" \
  "$(dirname "$0")/redis-users.acl" | sed -e ':join' -e 'N' -e '$!b join' -e 's/\n / /g' > "$file"
# The image's own first step makes the server another user, who reads it; it has hashes of random words alone.
chmod 644 "$file"
[ $# -gt 0 ] || exit 0
if [ "$1" = redis-server ] && command -v docker-entrypoint.sh > /dev/null; then
  exec docker-entrypoint.sh "$@"
fi
exec "$@"
