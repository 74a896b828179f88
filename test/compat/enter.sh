#!/bin/sh
# enter.sh ROOT HOST PROJECT COMMAND...: runs a command in a root that sees this machine's devices
# and processes, the project and $TMPDIR where they are, and the whole of it in HOST. The mounts
# are of the caller's mount name space, which must be one of its own.
set -eu
root=$1
host=$2
project=$3
shift 3
mount --rbind / "$root$host"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
for directory in "$project" "$TMPDIR"; do
  mkdir -p "$root$directory"
  mount --bind "$directory" "$root$directory"
done
status=0
# Not by exec: the first process of a name space must be one that buries orphans.
chroot "$root" env -C "$project" "$@" || status=$?
exit "$status"
