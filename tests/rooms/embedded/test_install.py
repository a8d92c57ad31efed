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
