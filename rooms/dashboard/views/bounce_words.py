"""Why mail came back, in words: the codes of RFC 3463, `class.subject.detail`."""

import re
from collections.abc import Mapping

from config.i18n import marked as _

_DETAILS: Mapping[str, str] = {
    "2.2": _("The e-mail came back: their mailbox is full. Give them their link another way."),
}
_SUBJECTS: Mapping[str, str] = {
    "1": _("The e-mail came back: there is no such address. Correct it and send again."),
    "2": _("The e-mail came back: their mailbox takes no mail. Give them their link another way."),
    "4": _("The e-mail came back: their mail server could not be reached for a long time."),
    "7": _("The e-mail came back: their mail server does not want mail from us. Give them their link another way."),
}
_OTHERWISE = _("The e-mail came back. Give them their link another way.")


def came_back(error: str) -> str | None:
    """What a report's code means to a coordinator; None for an error that is no such code."""
    found = re.fullmatch(r"[245]\.(([0-9]+)\.[0-9]+)", error)
    if found is None:
        return None
    return _DETAILS.get(found[1]) or _SUBJECTS.get(found[2], _OTHERWISE)
