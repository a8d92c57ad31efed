"""A room's address for one seat: it leads where it should, and says what it should."""

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.i18n import LANGUAGES
from rooms.whereby.embed import ForeignRoom, Sitter, check_host, display_name, frame_address

ALLOWED = ("*.whereby.com", "localhost:8081", "rooms.example.org")
ROOM = "https://sentral.whereby.com/sammen-0a1b-x"
SEAT = uuid.UUID("0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")


def sitter(name: str = "Åse & Co?", language: str = "nb", *, camera: bool = False, microphone: bool = False) -> Sitter:
    return Sitter(SEAT, name, language, camera_on=camera, microphone_on=microphone)


def told(address: str) -> dict[str, str]:
    found = parse_qs(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}


def test_an_address_says_who_sits_there_and_what_the_room_shows() -> None:
    address = frame_address(ROOM, sitter(), ALLOWED)
    assert address.startswith(ROOM + "?")
    assert (
        told(address).items()
        >= {
            "displayName": "Åse & Co?",
            "externalId": str(SEAT),
            "lang": "nb",
            "audio": "off",
            "video": "off",
            "minimal": "on",
            "skipMediaPermissionPrompt": "on",
            "precallReview": "off",
            "leaveButton": "off",
            "jsApi": "true",
        }.items()
    )


def test_camera_and_microphone_are_on_when_they_shall_be() -> None:
    parameters = told(frame_address(ROOM, sitter(camera=True, microphone=True), ALLOWED))
    assert (parameters["video"], parameters["audio"]) == ("on", "on")


def test_a_host_link_keeps_its_key_and_nothing_in_it_speaks_for_the_seat() -> None:
    key = "ey.J+/=&x"
    address = frame_address(f"{ROOM}?roomKey=ey.J%2B%2F%3D%26x&externalId=other&flag=#part", sitter(), ALLOWED)
    parameters = told(address)
    assert (parameters["roomKey"], parameters["externalId"], parameters["flag"]) == (key, str(SEAT), "")
    assert address.count("?") == 1
    assert "#" not in address


@pytest.mark.parametrize(("language", "spoken"), [("nb", "nb"), ("nn", "nb"), ("en", "en"), ("ar", "en")])
def test_whereby_is_asked_for_a_language_that_it_speaks(language: str, spoken: str) -> None:
    assert told(frame_address(ROOM, sitter(language=language), ALLOWED))["lang"] == spoken


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ["http://localhost:8081/x", "https://rooms.example.org/x"])
def test_our_own_rooms_speak_all_our_languages(language: str, room: str) -> None:
    assert told(frame_address(room, sitter(language=language), ALLOWED))["lang"] == language


@pytest.mark.parametrize(
    "address",
    [
        ROOM,
        f"{ROOM}?roomKey=x",
        "https://SENTRAL.whereby.com/x",
        "http://localhost:8081/x",
        "https://localhost:8081/x",
        "https://rooms.example.org/x",
    ],
)
def test_the_providers_rooms_are_shown(address: str) -> None:
    check_host(address, ALLOWED)


@pytest.mark.parametrize(
    "address",
    [
        "https://whereby.com.evil.org/x",
        "https://evilwhereby.com/x",
        "https://evil-whereby.com/x",
        "https://whereby.com/x",
        "https://.whereby.com/x",
        "https://evil.org/x.whereby.com",
        "https://evil.org?.whereby.com",
        "https://evil.org#.whereby.com",
        "https://evil.org\\.whereby.com/x",
        "https://evil.org\\@a.whereby.com/x",
        "https://evil.org%2f.whereby.com/x",
        "https://evil.org;.whereby.com/x",
        "https://evil.org /.whereby.com/x",
        "https://evil.org@a.whereby.com/x",
        "https://a.whereby.com@evil.org/x",
        "https://a:b@a.whereby.com/x",
        "https://a.whereby.com:8443/x",
        "https://a.whereby.com./x",
        "https://a.whereby。com/x",
        "https://[::1].whereby.com/x",
        "https://[bad/x",
        "http://a.whereby.com/x",
        "http://rooms.example.org/x",
        "http://localhost/x",
        "http://localhost:8082/x",
        "http://localhost.evil.org:8081/x",
        "javascript://a.whereby.com/%0aalert(1)",
        "//a.whereby.com/x",
        "/x",
        "",
    ],
)
def test_any_other_address_is_never_shown(address: str) -> None:
    with pytest.raises(ForeignRoom) as caught:
        frame_address(address, sitter(), ALLOWED)
    assert str(caught.value) == ""


def test_nothing_is_allowed_by_nothing() -> None:
    with pytest.raises(ForeignRoom):
        check_host(ROOM, ())


@given(st.text())
def test_whatever_an_address_is_it_is_allowed_or_refused(text: str) -> None:
    for address in (text, f"https://{text}", f"https://{text}.whereby.com/x"):
        try:
            check_host(address, ALLOWED)
        except ForeignRoom:
            continue
        host = urlsplit(address).hostname or ""
        assert host in {"localhost", "rooms.example.org"} or host.endswith(".whereby.com")
        assert host.isascii()


@given(st.text(), st.sampled_from(sorted(LANGUAGES)), st.booleans(), st.booleans())
def test_a_name_never_leaves_its_place(name: str, language: str, camera: bool, microphone: bool) -> None:
    someone = sitter(name, language, camera=camera, microphone=microphone)
    address = frame_address(f"{ROOM}?roomKey=k", someone, ALLOWED)
    plain = frame_address(f"{ROOM}?roomKey=k", sitter("x", language, camera=camera, microphone=microphone), ALLOWED)
    assert told(address) == told(plain) | {"displayName": display_name(name)}
    assert address.isascii()
    assert not set(address) & set(" \"'<>\\`")


@given(st.text())
def test_names_are_what_the_provider_takes(name: str) -> None:
    clean = display_name(name)
    assert len(clean.encode("utf-16-le")) <= 200
    assert not set(clean) & set("$!<>:;\n\r\t\0\x7f\u202e\u2066")
    assert clean == clean.strip() == display_name(clean)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("  Åse  ", "Åse"),
        ("<b>Ali</b>: $!;", "bAli/b"),
        ("فاطمة", "فاطمة"),
        ("a" * 150, "a" * 100),
        ("👩‍🎓" * 40, "👩‍🎓" * 20),
        ("a" * 99 + "👩", "a" * 99),
        ("a" * 99 + " b", "a" * 99),
        ("\u202eesrever", "esrever"),
        ("", ""),
    ],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert display_name(name) == clean
