"""What must not creep into the repository: files that nobody reads to the end, and traces of one machine."""

import re
import subprocess
from pathlib import Path

import pytest

MOST_LINES = 300

#: Python files that are longer, and why nobody has to read them to the end.
LONGER = {
    "rooms/store/migrations/versions/0001_foundation.py": "what Alembic wrote: one statement after the other",
    "rooms/store/migrations/versions/0003_breakouts.py": "what Alembic wrote",
}

#: Hosts of package registries, in pieces so that this file holds none. What is installed from where is the machine's.
_REGISTRIES = [".".join(parts) for parts in (
    ("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"), ("registry", "yarnpkg", "com"),
    ("deb", "debian", "org"), ("proxy", "golang", "org"),
)]  # fmt: skip
_MACHINE_PATHS = re.compile(r"(?<![\w.~$}/-])/(?:root|work|builds|home/[a-z][\w-]*|Users/\w+)/")


@pytest.fixture(scope="module")
def files(repository: Path) -> list[Path]:
    """Every file that is or could be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        check=True,
        timeout=30,
    ).stdout.decode()
    found = [repository / name for name in listed.split("\0") if name]
    assert found
    return [path for path in found if path.is_file()]


def read(path: Path) -> str:
    return path.read_bytes().decode(errors="ignore")


def test_python_files_are_short_enough_to_be_read(files: list[Path], repository: Path) -> None:
    lengths = {
        str(path.relative_to(repository)): len(read(path).splitlines()) for path in files if path.suffix == ".py"
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    assert too_long.keys() == LONGER.keys(), too_long


def test_no_file_knows_a_registry_or_this_machine(files: list[Path], repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(read(path).splitlines(), 1)
        if any(host in line for host in _REGISTRIES) or _MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_locks_name_versions_and_hashes_and_no_address(files: list[Path], repository: Path) -> None:
    locks = [path for path in files if path.parent.name == "requirements"]
    assert locks
    for path in locks:
        assert "://" not in read(path), path
        assert "--hash=sha256:" in read(path), path
    packages = read(repository / "package-lock.json")
    assert '"resolved"' not in packages
    assert '"integrity"' in packages


@pytest.mark.parametrize("folder", ["root", "work", "home/me", "Users/me"])
def test_the_search_for_machine_paths_finds_them(folder: str) -> None:
    assert _MACHINE_PATHS.search(f'p = "/{folder}/code"')
    assert not _MACHINE_PATHS.search(f"https://example.org/{folder}/code")
