"""Plain text as a page shows it: escaped, with its web addresses to press."""

import re

from markupsafe import Markup, escape

_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


def with_links(text: str) -> Markup:
    """`text`, escaped, each web address in it a link that opens in a new tab."""
    pieces = []
    end = 0
    for found in _ADDRESS.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(
            Markup('<a class="ds-link" href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(found[0])
        )
        end = found.end()
    pieces.append(escape(text[end:]))
    return Markup("").join(pieces)
