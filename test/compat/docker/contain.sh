#!/bin/sh
# contain.sh ROOT USER DIRECTORY COMMAND...: runs a command in a root as a container's first process
# is run, with this machine's network. The mount and process name spaces are to be of its own.
set -eu
root=$1
user=$2
directory=$3
shift 3
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for file in /etc/resolv.conf /etc/hosts; do
  [ -e "$root$file" ] || : >"$root$file"
  mount --bind "$file" "$root$file"
done
exec chroot --userspec="$user" "$root" env -C "$directory" "$@"
