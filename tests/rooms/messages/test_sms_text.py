"""SMS counted as phones do, and texts that fit."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rooms.messages.rules.sms import sms_segments, sms_text

LINK = "https://sammen.example.no/l/" + "x" * 26
GSM = st.text("abcæøåÆØÅ .,:-éñ")


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("å" * 160, 1),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # from the extension table: two septets each
        ("€" * 81, 2),
        ("€" * 153, 3),  # 76 go into a segment of 153, since none is cut in two
        ("č" * 70, 1),
        ("č" * 71, 2),
        ("م" * 134, 2),
        ("م" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 go into a segment of 67
        ("a" * 100 + "č", 2),  # one letter makes all of them UCS-2
    ],
)
def test_segments_are_counted(text: str, segments: int) -> None:
    assert sms_segments(text) == segments


@given(st.text(), st.text())
def test_more_text_is_never_fewer_segments(text: str, more: str) -> None:
    assert 1 <= sms_segments(text) <= sms_segments(text + more)


@given(title=GSM)
@example("x" * 500)
def test_it_fits_into_one_segment_where_the_alphabet_allows(title: str) -> None:
    text = sms_text(
        lambda title: f"Frivilligsentralen i Klepp: Invitasjon: {title}, mandag 23. november 18:00", title, LINK
    )
    assert sms_segments(text) == 1
    assert text.endswith(f" {LINK}")


@given(title=st.text(max_size=80))
def test_the_link_is_whole_in_one_segment(title: str) -> None:
    text = sms_text(lambda title: f"مركز التطوع في كليب: دعوة: {title}، الاثنين ٢٣ نوفمبر ١٨:٠٠", title, LINK)
    assert text.startswith(f"{LINK} ")
    assert sms_segments(text.partition(" ")[0]) == 1
    assert "\n" not in text


def test_a_short_title_is_not_touched_and_typographic_marks_cost_nothing() -> None:
    text = sms_text(lambda title: f"Klepp: «{title}» – 18:00", "Kaffe…", LINK)
    assert text == f'Klepp: "Kaffe..." - 18:00 {LINK}'
    assert sms_text(lambda title: f"Avlyst: {title}", "Kaffe", None) == "Avlyst: Kaffe"
