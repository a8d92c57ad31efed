"""Where a private service keeps its data and its socket, on whatever path this clone happens to lie."""

import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from rooms.embedded.processes import Account, CannotStart

#: The kernel's limit for a Unix socket's path is 108 bytes, the closing zero included.
SOCKET_PATH_LIMIT = 107
_PRIVATE = 0o700
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")
_SHORT_ROOT = Path("/tmp")  # noqa: S108 - mkdtemp makes a private folder in it; TMPDIR may be long itself
_LASTING_ROOTS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - likewise


def fits_socket(folder: Path, name: str) -> bool:
    """Whether a socket `name` in `folder` is short enough, and its path plain enough to need no quoting in a URL."""
    path = str(folder / name)
    return len(path.encode()) <= SOCKET_PATH_LIMIT and _PLAIN_PATH.fullmatch(path) is not None


def socket_folder(folder: Path, name: str, account: Account | None = None) -> Path:
    """A folder of mode 0700 for the socket `name`: `folder`, or a short one in its stead that `folder/sockets` names.

    A short one that an earlier run left behind is used again, so a service that is started anew keeps its address.
    Call it under the lock on `folder`.
    """
    if fits_socket(folder, name):
        return folder
    if short := _short_folder(folder, account):
        return short
    short = Path(tempfile.mkdtemp(prefix="sammen-", dir=_SHORT_ROOT))
    give(short, account)
    (folder / "sockets").write_text(str(short))
    return short


def forget_sockets(folder: Path, account: Account | None = None) -> None:
    """Remove the short folder that `socket_folder` made, if it made one."""
    if short := _short_folder(folder, account):
        shutil.rmtree(short)
    (folder / "sockets").unlink(missing_ok=True)


def _short_folder(folder: Path, account: Account | None) -> Path | None:
    """The short folder of `folder`, if there is one and it is ours: another user may since have made the same name."""
    note = folder / "sockets"
    if not note.exists():
        return None
    short = Path(note.read_text())
    owner = account.uid if account else os.geteuid()
    with suppress(FileNotFoundError):
        found = short.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == owner and stat.S_IMODE(found.st_mode) == _PRIVATE:
            return short
    return None


def private(folder: Path, account: Account | None = None) -> Path:
    """Make `folder` with mode 0700, its owner `account` (or whoever runs this). Parents keep their modes."""
    folder.mkdir(parents=True, exist_ok=True)
    give(folder, account)
    return folder


def give(folder: Path, account: Account | None) -> None:
    """Hand an empty or already owned folder to `account`, for nobody else to enter."""
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(_PRIVATE)


def unprivileged_account() -> Account | None:
    """The account that a root process lends to a server that must not be root: `nobody`. None for everyone else."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart("PostgreSQL and Janus do not run as root, and this machine has no account «nobody»") from None
    return Account(entry.pw_uid, entry.pw_gid)


def can_run(account: Account, *command: str | Path) -> bool:
    """Whether `account` is able to run `command` with success: the only honest test of a path's permissions."""
    try:
        done = subprocess.run(
            command,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=20,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def reachable(folder: Path, account: Account | None) -> Path:
    """`folder`, or the folder that stands in for it when `account` cannot get to it (a clone in a 0700 home).

    The stand-in lies in a lasting place of the machine and is named in `folder/elsewhere`; it stays, since it holds
    data. Raises CannotStart when the named one has gone: starting an empty one in its place would look like a loss.
    """
    note = folder / "elsewhere"
    if note.exists():
        other = Path(note.read_text())
        if not other.is_dir():
            raise CannotStart(f"the data of {folder} was kept in {other}, which is gone; remove {note} to start empty")
        return other
    private(folder, account)
    if account is None or can_run(account, "/bin/ls", "-d", f"{folder}/."):
        return folder
    for root in _LASTING_ROOTS:
        with suppress(OSError):
            other = Path(tempfile.mkdtemp(prefix="sammen-", dir=root))
            give(other, account)
            note.write_text(str(other))
            return other
    raise CannotStart(f"{folder} cannot be reached by the account «nobody», nor can a folder be made")
