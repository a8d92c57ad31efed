"""What fits into an SMS."""

from collections.abc import Callable

from rooms.messages.rules import one_line

#: The alphabet of GSM 03.38 (3GPP TS 23.038, 6.2.1), and the letters of its extension table, which take two septets.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")
#: Marks that people type and that alphabet lacks.
_LIKE = str.maketrans({"–": "-", "—": "-", "…": "...", "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "\u00a0": " "})


def sms_segments(text: str) -> int:
    """How many SMS carry the text: in GSM 03.38's letters 160 septets, or 153 in each of several; else 70 or 67 units.

    A unit is one of UTF-16. No letter of two septets or units is cut in two.
    """
    if all(letter in _GSM or letter in _GSM_TWICE for letter in text):
        widths, alone, each = [1 + (letter in _GSM_TWICE) for letter in text], 160, 153
    else:
        widths, alone, each = [1 + (ord(letter) > 0xFFFF) for letter in text], 70, 67
    if sum(widths) <= alone:
        return 1
    segments, room = 1, each
    for width in widths:
        if width > room:
            segments, room = segments + 1, each
        room -= width
    return segments


def sms_text(words: Callable[[str], str], title: str, link: str | None) -> str:
    """What an SMS says: `words` of a title, then the link, whole in one segment.

    In one segment if a shorter title makes that possible. Where the alphabet does not allow it, the link stands first,
    so that no phone that shows the segments one by one breaks it.
    """
    shorter = [title, *(one_line(title[:most]) + "." for most in (40, 30, 20, 12) if most < len(title)), ""]
    said = [one_line(words(each).translate(_LIKE)) for each in shorter]
    texts = [f"{each} {link}" if link else each for each in said]
    for text in texts:
        if sms_segments(text) == 1:
            return text
    return f"{link} {said[0]}" if link else said[0]
