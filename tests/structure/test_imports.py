"""Which package may import which: the contracts of importlinter.toml."""

import subprocess
import sys
from pathlib import Path


def test_every_import_goes_the_way_it_may(repository: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run(
        [linter, "--config", "importlinter.toml", "--no-cache"],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-2000:]
