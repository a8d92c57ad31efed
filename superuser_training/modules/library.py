"""The modules' texts: `content/<language>/<module>.toml`, read once per process."""

from functools import cache
from pathlib import Path

from superuser_training.modules.rules import Content, Module, parse

FOLDER = Path(__file__).parent / "content"


@cache
def content(module: Module, language: str) -> Content:
    """A module in a language of the interface. Raises OSError for a language without the module."""
    return parse(module, language, (FOLDER / language / f"{module.value}.toml").read_bytes())


def curriculum(language: str) -> list[Content]:
    """All modules, in their order."""
    return [content(module, language) for module in Module]
