"""How the search becomes machine code, and where that is kept from one start to the next."""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")
_HERE = Path(__file__).parent
#: What the machine code is made from.
_SOURCES = ("arrays.py", "compiled.py", "exchange.py", "search.py")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Have Numba compile it when it is first called; other threads go on while it runs."""
    folder = _folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # it fills itself in when it is loaded
    made: Callable[_P, _R] = numba.njit(cache=folder is not None, nogil=True, error_model="numpy")(function)
    return made


@cache
def _folder() -> Path | None:
    """Where machine code is kept: beside the source, else in the user's cache; None: nowhere, it is made anew.

    Named for all sources: by itself Numba does not notice that a file changed which another one uses.
    """
    contents = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _SOURCES)).hexdigest()
    for place in (str(_HERE / "__pycache__"), "~/.cache/sammen"):
        try:
            folder = Path(place).expanduser() / f"search-{contents[:16]}"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (OSError, RuntimeError):  # read only; no home
            continue
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            return folder
    return None
