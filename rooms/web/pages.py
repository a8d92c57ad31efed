"""Pages from Jinja2 templates: autoescaped, in the reader's language, with their assets' addresses."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config import i18n
from rooms.web.assets import Assets


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
    }
    environment.globals |= {"language": i18n.LANGUAGES[code], "languages": i18n.LANGUAGES, "asset": assets.address}
    return environment
