"""Pages from Jinja2 templates: autoescaped, in the reader's language, with their assets' addresses."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from config import i18n
from rooms.web.assets import Assets


class _Compiled(BytecodeCache):
    """Compiled templates, kept for the process's life: the four languages share them, so a start takes a quarter."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja2 asks; it compares the source's checksum itself."""
        if code := self._codes.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja2 has compiled a template."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class Pages:
    """One Jinja2 environment a language. `folders`: every subject's `templates/`, in which its own folder lies."""

    def __init__(self, folders: Sequence[Path], assets: Assets) -> None:
        loader = FileSystemLoader(folders)
        self._environments = {code: _environment(loader, code, assets) for code in i18n.LANGUAGES}

    def render(self, template: str, language: str, **values: object) -> str:
        """The whole page or fragment. Raises jinja2.UndefinedError for a value that was not given."""
        return self._environments[language].get_template(template).render(values)


def _environment(loader: FileSystemLoader, code: str, assets: Assets) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
        extensions=["jinja2.ext.i18n"],
    )
    translations = i18n.translations(code)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        translations.ugettext, translations.ungettext, newstyle=True
    )
    environment.filters |= {
        "day": partial(i18n.day, code=code),
        "clock_time": partial(i18n.clock_time, code=code),
        "day_and_time": partial(i18n.day_and_time, code=code),
        "iso_local": i18n.iso_local,
        "month": partial(i18n.month, code=code),
        "number": partial(i18n.number, code=code),
        "kroner": partial(i18n.kroner, code=code),
    }
    environment.globals |= {"language": i18n.LANGUAGES[code], "languages": i18n.LANGUAGES, "asset": assets.address}
    return environment
