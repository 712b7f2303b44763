#!/usr/bin/env bash
#
# ceph.sh - a throw-away Ceph cluster on this machine with an S3 endpoint (RADOS Gateway): the real S3 server
#           that the tests run against.
#
# One monitor, one OSD, one gateway, all on 127.0.0.1, all files in one folder, no systemd, no cephx. Nothing in
# /etc/ceph or /var/lib/ceph is read or written, and other clusters on the machine are left alone.
#
# usage: ceph.sh COMMAND
#
#   start       make the cluster if it is not there yet, start what is not running, wait until S3 answers, print
#               its URL. Starting what runs already is no error.
#   stop        stop all daemons; the data stays
#   destroy     kill all daemons and remove the folder
#   reap PID    wait until process PID has ended, then destroy
#   env         print what tells the tests where it is: export $(ceph.sh env)
#   up, down    start or stop the gateway alone (connections are refused while it is down)
#   freeze      stop the gateway's clock: it accepts connections and answers nothing ...
#   thaw        ... until now, when it does what it was asked meanwhile
#   crash       kill -9 the gateway
#   suspend     the test user's requests are refused with 403 ...
#   enable      ... until now
#   admin ...   radosgw-admin on this cluster
#
# settings, read when the cluster is made:
#   CEPH_DIR     its folder                          (default ${TMPDIR:-/tmp}/holdfast-ceph)
#   CEPH_STORE   bluestore: a sparse file that survives kill -9 of the OSD
#                memstore: memory; boots faster and survives stop, not kill -9 of the OSD   (default bluestore)
#   CEPH_LC_DAY  seconds that a day of lifecycle rules lasts; 0 is a real day               (default 0)
#   CEPH_EXTRA   more lines for the gateway's section of ceph.conf, such as
#                "rgw max concurrent requests = 4" (503 SlowDown above that)
#
set -euo pipefail

DIR=${CEPH_DIR:-${TMPDIR:-/tmp}/holdfast-ceph}
HOST=127.0.0.1
CONF=$DIR/ceph.conf
RUN=$DIR/run
LOG=$DIR/log
MARK=$DIR/.made-by-ceph.sh # destroy removes no folder without it
WAIT=${CEPH_WAIT:-90}      # seconds for each step
GIB=$((1024 * 1024 * 1024))
USER_ID=test ACCESS_KEY=testaccesskey SECRET_KEY=testsecretkey
# AWS's usual classes; the gateway answers others with 400
CLASSES=(STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING REDUCED_REDUNDANCY GLACIER DEEP_ARCHIVE)

# The system's own tools and Python, and no settings of another cluster, whatever the caller's environment has.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
unset CEPH_CONF CEPH_ARGS PYTHONPATH PYTHONHOME

die() { echo "ceph.sh: $*" >&2; exit 1; }

wait_for() { # WHAT COMMAND...
  local what=$1 end=$((SECONDS + WAIT))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || die "$what: not there after $WAIT s (logs: $LOG)"
    sleep 0.1
  done
}

# bash's own TCP client: no other tool is needed
tcp_open() { (exec 3<>"/dev/tcp/$HOST/$1") 2>/dev/null; }

s3_answers() {
  local line
  exec 3<>"/dev/tcp/$HOST/$(port s3)" || return 1
  printf 'GET / HTTP/1.0\r\nHost: %s\r\n\r\n' "$HOST" >&3
  read -r -t 5 line <&3
  exec 3>&- 3<&-
  [[ $line == HTTP/1.?\ [234]* ]]
}

# Below the range from which the kernel gives ports to clients, so that none is taken before we bind it.
free_port() {
  local candidate
  while candidate=$((20000 + RANDOM % 12000)); do
    tcp_open "$candidate" || { echo "$candidate"; return; }
  done
}

port() { cat "$DIR/port.$1"; }

# ---------------------------------------------------------------- daemons: mon, osd, client (the gateway)

# Daemons write $RUN/NAME.pid themselves. A pid counts only if it lives and was started with this cluster's
# ceph.conf, so that no other process is ever signalled for a stale file.
pid_of() {
  local pid
  [ -s "$RUN/$1.pid" ] || return 1
  pid=$(tr -dc 0-9 <"$RUN/$1.pid")
  [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- " $CONF " || return 1
  # a zombie that nobody reaped yet is not running
  ! grep -q '^State:[[:space:]]*Z' "/proc/$pid/status" || return 1
  echo "$pid"
}

start_daemon() { # NAME COMMAND...
  local name=$1
  shift
  pid_of "$name" >/dev/null && return
  rm -f "$RUN/$name.pid"
  # It goes to the background by itself, and would keep the pipes of a caller that reads our output open.
  timeout "$WAIT" "$@" </dev/null >>"$LOG/$name.out" 2>&1 ||
    { tail -n 5 "$LOG/$name.out" >&2; die "$name did not start (logs: $LOG)"; }
}

stop_daemon() { # NAME [SIGNAL]
  local pid try
  pid=$(pid_of "$1") || { rm -f "$RUN/$1.pid"; return 0; }
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  kill -CONT "$pid" 2>/dev/null || true # it may be frozen
  for ((try = 0; try < 200; try++)); do
    pid_of "$1" >/dev/null || break
    sleep 0.05
  done
  ! pid_of "$1" >/dev/null || kill -KILL "$pid" 2>/dev/null || true
  if [ "$1" = osd ] && [ -z "${2:-}" ]; then touch "$DIR/osd.stopped"; fi
  rm -f "$RUN/$1.pid"
}

start_mon() { start_daemon mon ceph-mon -c "$CONF" -i a; wait_for "the monitor" tcp_open "$(port mon)"; }
osd_is_up() { ceph -c "$CONF" --connect-timeout "$WAIT" osd stat | grep -q '1 up'; }
start_osd() {
  start_daemon osd ceph-osd -c "$CONF" -i 0
  rm -f "$DIR/osd.stopped"
  wait_for "the OSD" osd_is_up
}
start_gateway() { start_daemon client radosgw -c "$CONF" --name client.rgw; wait_for "S3" s3_answers; }
gateway() { pid_of client || die "the gateway is not running"; }

# ---------------------------------------------------------------- cluster

write_conf() {
  cat >"$CONF" <<CONF
[global]
fsid = $1
mon host = v2:$HOST:$(port mon)/0
public addr = $HOST
cluster addr = $HOST
# loopback and throw-away: no cephx, so no keyrings to make and pass around; and without it there is no key to
# encrypt with, which the gateway would insist on
auth cluster required = none
auth service required = none
auth client required = none
ms mon cluster mode = crc
ms mon service mode = crc
ms mon client mode = crc
ms bind msgr1 = false
ms async op threads = 1
# no admin sockets: their path limit (107 bytes) breaks deep folders
admin socket =
run dir = $RUN
pid file = $RUN/\$type.pid
log file = $LOG/\$type.log
crash dir = $DIR/crash
keyring = $DIR/keyring
log to stderr = false
err to stderr = true
# Ceph logs a lot by default; 0/0 also drops what it would keep in memory
debug ms = 0/0
debug mon = 0/0
debug paxos = 0/0
debug osd = 0/0
debug bluestore = 0/0
debug bluefs = 0/0
debug bdev = 0/0
debug rocksdb = 0/0
debug rgw = 0/0
# one copy, on one OSD, on one host; few placement groups, and nobody to resize them
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
mon warn on pool no redundancy = false
osd crush chooseleaf type = 0
osd crush initial weight = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon max pg per osd = 2000

[mon]
mon data = $DIR/mon
# a monitor warns below 30 % of free disk and quits below 5 %; other people's files say nothing about this one
mon data avail warn = 1
mon data avail crit = 0
# changes of the maps wait this long for more (default 1 s), which would be most of the time to boot
paxos propose interval = 0.02
paxos min wait = 0.01
mon cluster log file = $LOG/cluster.log

[osd]
osd data = $DIR/osd
osd objectstore = ${CEPH_STORE:-bluestore}
memstore device bytes = $((8 * GIB))
bluestore block size = $((8 * GIB))
bluestore block create = true
# no files of their own for log and database: they would share the disk anyway
bluestore block db create = false
bluestore block wal create = false
osd memory target = $((GIB * 7 / 8))
# memstore writes itself to disk only in an orderly shutdown
osd fast shutdown = $([ "${CEPH_STORE:-}" = memstore ] && echo false || echo true)
osd scrub begin hour = 3
osd scrub end hour = 4
osd class update on start = false
# a crashed gateway keeps its watch this long (default 30 s), and every change of a user or bucket waits for it
osd client watch timeout = 3
osd op num shards = 1
osd op num threads per shard = 2

[client.rgw]
# without tcp_nodelay each answer waits for the client's delayed ACK: 44 ms per request on loopback
rgw frontends = beast endpoint=$HOST:$(port s3) tcp_nodelay=1
# few threads (default 512): on two cores more of them only switch contexts
rgw thread pool size = 8
rgw enable usage log = false
rgw enable ops log = false
rgw dynamic resharding = false
# the space of deleted objects is freed after seconds, not after two hours
rgw gc obj min wait = 5
rgw gc processor period = 10
rgw gc processor max time = 10
rgw override bucket index max shards = 1
# encryption with customer keys works without TLS
rgw crypt require ssl = false
# the virtual-host name: http://BUCKET.localhost:PORT works as well
rgw dns name = localhost
CONF
  if [ "${CEPH_LC_DAY:-0}" -gt 0 ]; then echo "rgw lc debug interval = $CEPH_LC_DAY" >>"$CONF"; fi
  printf '%s\n' "${CEPH_EXTRA:-}" >>"$CONF"
}

create() {
  local fsid
  mkdir -p -m 700 "$DIR"
  [ -z "$(ls -A "$DIR")" ] || die "$DIR is not empty, and no cluster of this script"
  touch "$MARK"
  mkdir "$DIR"/{mon,osd,run,log,crash}
  : >"$DIR/keyring"
  free_port >"$DIR/port.mon"
  free_port >"$DIR/port.s3"
  fsid=$(cat /proc/sys/kernel/random/uuid)
  write_conf "$fsid"
  {
    monmaptool -c "$CONF" --create --clobber --fsid "$fsid" --enable-all-features \
      --addv a "[v2:$HOST:$(port mon)]" "$DIR/monmap" &&
      ceph-mon -c "$CONF" --mkfs -i a --monmap "$DIR/monmap" --keyring "$DIR/keyring"
  } >>"$LOG/create.out" 2>&1 || die "the monitor could not be made: see $LOG/create.out"
  start_mon
  ceph-osd -c "$CONF" --mkfs -i 0 >>"$LOG/create.out" 2>&1 || die "the OSD could not be made: see $LOG/create.out"
}

admin() { radosgw-admin -c "$CONF" --name client.rgw "$@"; }
quietly_admin() { admin "$@" >>"$LOG/create.out" 2>&1 || die "radosgw-admin $1 $2 failed: see $LOG/create.out"; }

# The first call makes the default zone and its pools.
create_user() {
  local class
  quietly_admin user create --uid="$USER_ID" --display-name=test --access-key="$ACCESS_KEY" --secret="$SECRET_KEY"
  for class in "${CLASSES[@]}"; do # labels only: one pool holds them all
    quietly_admin zonegroup placement add --rgw-zonegroup default --placement-id default-placement \
      --storage-class "$class"
    quietly_admin zone placement add --rgw-zone default --placement-id default-placement \
      --storage-class "$class" --data-pool default.rgw.buckets.data
  done
}

# A memstore OSD that is down has its data only if it was stopped in an orderly way.
is_whole() {
  pid_of osd >/dev/null || [ -e "$DIR/osd.stopped" ] || ! grep -q '^osd objectstore = memstore' "$CONF"
}

start() {
  command -v ceph-mon ceph-osd ceph radosgw radosgw-admin >/dev/null || die "Ceph is not installed"
  if [ ! -e "$DIR/created" ] || ! is_whole; then
    destroy # what an interrupted start left is of no use
    create
  fi
  start_mon
  start_osd
  if [ ! -e "$DIR/created" ]; then
    create_user
    touch "$DIR/created"
  fi
  start_gateway
  echo "http://$HOST:$(port s3)"
}

stop() {
  local name
  for name in client osd mon; do stop_daemon "$name"; done
}

destroy() {
  local name
  for name in client osd mon; do stop_daemon "$name" KILL; done
  if [ -e "$MARK" ]; then rm -rf "$DIR"; fi
}

print_env() {
  printf 'HOLDFAST_TEST_S3_%s\n' "ENDPOINT=http://$HOST:$(port s3)" "ACCESS_KEY=$ACCESS_KEY" \
    "SECRET_KEY=$SECRET_KEY" REGION=us-east-1
  echo "CEPH_DIR=$DIR"
}

reap() { # PID
  while kill -0 "$1" 2>/dev/null; do sleep 1; done
  destroy
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  start | stop | destroy) "$command" ;;
  reap) reap "$1" ;;
  env) print_env ;;
  up) start_gateway ;;
  down) stop_daemon client ;;
  freeze) kill -STOP "$(gateway)" ;;
  thaw) kill -CONT "$(gateway)" ;;
  crash) stop_daemon client KILL ;;
  suspend | enable) admin user "$command" --uid="$USER_ID" >/dev/null ;;
  admin) admin "$@" ;;
  *) sed -n '3,/^set -e/{/^#/p}' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
