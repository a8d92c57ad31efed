"""Run a program that dies with its parent: `python -I -S leash.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…`.

It is a program of its own, since doing this between fork and exec inside a Python process with threads is not safe.
`UID` and `GID` are `-`, or an account to become first. Needs nothing but the standard library and reads no environment.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the account, ask the kernel for the signal, make sure that the parent still lives, become the program."""
    parent, death_signal, uid, gid, *command = sys.argv[1:]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        # After the change of account: that clears it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the supervisor has gone")
    # Python ignores these for itself, and what is ignored would stay so in the program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execv(command[0], command)  # noqa: S606 - without a shell is what we want
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main()
