"""How bare a place the image's programs get to run in: as bare as a container, where this machine lets us.

Root with mount namespaces gives them a root folder of their own, in which the system's programs, this interpreter and
the image are all there is, read-only, and no capability. Root without them still gives them the image's user. Whoever
else runs the tests runs the programs as well, and can take write permission from the tree only.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_SYSTEM = ("/bin", "/lib", "/lib64", "/sbin", "/usr", "/etc/ld.so.cache", "/proc")
"""What a base image has that a Python needs, and /proc, which every engine mounts."""

_ALLOWED_NOTHING = ("--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all")

_JAIL = """
umask 022
root=$1
shift
mount -t tmpfs -o mode=755 tmpfs "$root"
while [ "$1" != -- ]; do
    if [ -L "$1" ]; then # /bin, where it is a link to /usr/bin
        cp -P "$1" "$root$1"
    elif [ -e "$1" ] && [ ! -e "$root$1" ]; then
        if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root${1%/*}" && : > "$root$1"; fi
        mount --bind "$1" "$root$1"
        mount -o remount,bind,ro "$root$1"
    fi
    shift
done
shift
mount -o remount,ro "$root"
exec chroot "$root" "$@"
"""
"""The root to make, the paths in it, `--`, and the program with its arguments."""


@dataclass(frozen=True)
class Confinement:
    """For programs that see `visible` and nothing else of ours, under the user and group `owner` (`UID:GID`)."""

    visible: tuple[Path, ...]
    owner: str
    root: Path
    """An empty folder."""

    @cached_property
    def is_a_root(self) -> bool:
        """Whether the programs get a root of their own."""
        if os.geteuid() != 0 or not shutil.which("unshare"):
            return False
        return subprocess.run(self._jailed(["true"]), check=False, capture_output=True, timeout=60).returncode == 0

    def command(self, program: Sequence[str | Path]) -> list[str | Path]:
        """Give the command line that runs `program`, whose path is absolute, in confinement; by exec, in its place."""
        if self.is_a_root:
            return self._jailed(program)
        return [*self._as_owner(), *program] if os.geteuid() == 0 else [*program]

    def _jailed(self, program: Sequence[str | Path]) -> list[str | Path]:
        jail = ["/usr/bin/env", "unshare", "--mount", "/bin/sh", "-euc", _JAIL, "jail"]
        return [*jail, self.root, *_SYSTEM, sys.base_prefix, *self.visible, "--", *self._as_owner(), *program]

    def _as_owner(self) -> list[str]:
        user, _, group = self.owner.partition(":")
        return ["setpriv", f"--reuid={user}", f"--regid={group}", *_ALLOWED_NOTHING, "--pdeathsig=KILL", "--"]
