"""What languages are called in lists that people bring. Pure."""

from functools import cache

from babel import Locale

from rooms.people.rules.import_columns import folded
from rooms.people.rules.languages import SPOKEN

#: Names that Unicode's tables do not have, or have for a wider language. «Kurdisk» alone is mostly Kurmanji in Norway.
_OTHERS = {
    "ckb": "sorani|sentralkurdisk|kurdisk sorani|kurdish sorani",
    "en": "engelsk (uk)",
    "es": "kastiljansk",
    "fa": "farsi|persian",
    "kmr": "kurmanji|kurmandji|kurdisk|kurdish|kurdisk kurmanji|kurdish kurmanji|nordkurdisk",
    "my": "myanmar|burmesisk",
    "no": "norwegian|bokmål|nynorsk|norsk bokmål|norsk nynorsk",
    "om": "oromiffa|afan oromo",
    "prs": "dari|afghansk|dari persisk",
    "rw": "kinyarwanda",
    "so": "somalisk",
    "sw": "kiswahili",
    "ti": "tigrinya|tigrigna|tigrinja",
    "tl": "tagalog|filippinsk|filipino|filippinar",
    "uk": "ukrainsk",
}


def language_code(name: str) -> str | None:
    """The code of `rules.languages` that a name or a code means; None for what is none of them."""
    return _codes().get(folded(name))


@cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for locale in (Locale.parse(code) for code in ("ar", "en", "nn", "nb")):
        found |= {folded(locale.languages[code]): code for code in SPOKEN if code in locale.languages}
    found |= {folded(name): code for code, name in SPOKEN.items()}
    found |= {folded(name): code for code, names in _OTHERS.items() for name in names.split("|")}
    return found | {code: code for code in SPOKEN} | {"nb": "no", "nn": "no"}
