#!/bin/sh
# In a root, in the place of a program: runs the host's, with the same paths and the same directory.
# So the cameras, the servers and FFmpeg's commands are the same ones beside every release.
exec chroot /host env -C "$PWD" "$0" "$@"
