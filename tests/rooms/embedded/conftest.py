"""A folder for private services, with what they had to put elsewhere."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """An empty folder as under a 0700 home, with spaces in its path. What root put elsewhere goes when it goes."""
    home = tmp_path / "home of æ"
    home.mkdir(mode=0o700)
    yield home
    for note in (*home.rglob("sockets"), *home.rglob("elsewhere")):
        place = Path(note.read_text())
        assert place.name.startswith("sammen-")
        shutil.rmtree(place, ignore_errors=True)
