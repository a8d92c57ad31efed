"""What the start script decides before anything is installed."""

from pathlib import Path

import pytest

from rooms.embedded import install


def test_a_stamp_holds_until_a_lock_file_or_the_python_changes(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1")
    note = tmp_path / "stamp"
    assert not install.Stamp(note, "run", [lock], "3.11").holds()
    install.Stamp(note, "run", [lock], "3.11").write()
    assert install.Stamp(note, "run", [lock], "3.11").holds()
    assert not install.Stamp(note, "test", [lock], "3.11").holds()
    assert not install.Stamp(note, "run", [lock], "3.12").holds()
    lock.write_text("a==2")
    assert not install.Stamp(note, "run", [lock], "3.11").holds()


def test_what_is_installed_for_tests_is_enough_to_run(tmp_path: Path) -> None:
    install.Stamp(tmp_path / "stamp", "test", []).write()
    assert install.Stamp(tmp_path / "stamp", "run", []).holds()


@pytest.mark.parametrize(("version", "good"), [("v18.0.0", True), ("v22.1.0", True), ("v16.20.0", False), ("?", False)])
def test_an_old_node_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, good: bool) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{version}'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (install._npm_of_machine() == [str(tmp_path / "npm")]) is good


def test_what_the_machine_lacks_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(install.CannotInstall, match=r"^Please install first: .*apt-get install python\S*-venv git$"):
        install._check_machine("test")


def test_a_failure_shows_what_the_program_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(install.CannotInstall, match="no space left"):
        install._run("Installing", ["/bin/sh", "-c", "echo no space left; exit 3"])
    assert "Installing: failed" in capsys.readouterr().out


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root's machine without Janus, whose apt-get only writes down what it is asked; its notes' path."""
    notes = tmp_path / "notes"
    (tmp_path / "apt-get").write_text(f'#!/bin/sh\necho "$@" >> {notes}\n')
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JANUS_BIN", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "_SYSTEMD", tmp_path / "none")
    monkeypatch.setattr(install, "_JANUS_SERVICE", tmp_path / "none")
    return notes


def test_a_missing_janus_is_asked_for_once_by_up_and_each_time_by_tests(machine: Path) -> None:
    install._install_janus("run")
    install._install_janus("run")
    asked = machine.read_text().splitlines()
    assert len(asked) == 2
    assert asked[1].endswith("install -y --no-install-recommends janus")
    install._install_janus("test")
    assert len(machine.read_text().splitlines()) == 4


def test_without_a_network_everything_else_goes_on(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (machine.parent / "apt-get").write_text("#!/bin/sh\nexit 100\n")
    install._install_janus("run")
    assert "failed" in capsys.readouterr().out


@pytest.mark.parametrize("reason", ["not root", "systemd", "chosen", "there"])
def test_janus_is_not_installed_where_that_is_not_ours_to_do(
    machine: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    match reason:
        case "not root":
            monkeypatch.setattr("os.geteuid", lambda: 1000)
        case "systemd":
            monkeypatch.setattr(install, "_SYSTEMD", machine.parent)
        case "chosen":
            monkeypatch.setenv("JANUS_BIN", "/opt/janus/bin/janus")
        case _:
            (machine.parent / "janus").write_text("#!/bin/sh\n")
            (machine.parent / "janus").chmod(0o755)
    install._install_janus("test")
    assert not machine.exists()
