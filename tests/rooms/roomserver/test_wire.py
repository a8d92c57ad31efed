"""What a browser may say: bounded, of a known form, and never on behalf of somebody else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.roomserver.wire import (
    MOST_WATCHED,
    Answer,
    BadMessage,
    Connect,
    Decide,
    Go,
    Hello,
    Knock,
    Media,
    Publish,
    Renew,
    Signal,
    Trickle,
    Watch,
    read,
)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"t": "hello", "name": "Amina", "audio": True}, Hello),
        ({"t": "signal", "to": "a1", "data": {"candidate": None}, "n": 3}, Signal),
        ({"t": "media", "audio": True, "video": False}, Media),
        ({"t": "knock"}, Knock),
        ({"t": "cancel_knock"}, Knock),
        ({"t": "admit", "id": "a1"}, Decide),
        ({"t": "reject", "id": "a1"}, Decide),
        ({"t": "leave"}, Go),
        ({"t": "end"}, Go),
        ({"t": "connect", "ticket": "x"}, Connect),
        ({"t": "publish", "description": {"type": "offer", "sdp": "v=0"}}, Publish),
        ({"t": "answer", "description": {"type": "answer", "sdp": "v=0"}}, Answer),
        ({"t": "trickle", "way": "send", "candidate": None}, Trickle),
        ({"t": "watch", "ids": ["a1"], "large": []}, Watch),
        ({"t": "renew"}, Renew),
    ],
)
def test_every_message_is_known(message: dict[str, object], kind: type) -> None:
    assert isinstance(read(json.dumps(message)), kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"t": "unknown"}',
        '{"t": "signal", "to": "a1"}',
        '{"t": "signal", "to": "a1", "data": "text"}',
        '{"t": "media", "audio": "loud", "video": 7}',
        '{"t": "admit"}',
        '{"t": "hello", "n": 0}',
        json.dumps({"t": "admit", "id": "x" * 41}),
        json.dumps({"t": "hello", "key": "x" * 201}),
        json.dumps({"t": "connect", "ticket": "x" * 101}),
        json.dumps({"t": "publish", "description": {"type": "answer", "sdp": "v=0"}}),
        json.dumps({"t": "answer", "description": {"type": "offer", "sdp": "v=0"}}),
        json.dumps({"t": "publish", "description": {"type": "offer", "sdp": "v=0", "update": True}}),
        json.dumps({"t": "trickle", "way": "both", "candidate": None}),
        json.dumps({"t": "watch", "ids": ["a"] * (MOST_WATCHED + 1)}),
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        read(text)


@given(st.text())
def test_whatever_comes_is_a_message_or_refused(text: str) -> None:
    try:
        read(text)
    except BadMessage:
        return
    raise AssertionError(text)


@given(name=st.text(max_size=200), external_id=st.text(max_size=60), metadata=st.text(max_size=800))
def test_what_stands_in_an_address_is_made_to_fit(name: str, external_id: str, metadata: str) -> None:
    hello = read(json.dumps({"t": "hello", "name": name, "external_id": external_id, "metadata": metadata}))
    assert isinstance(hello, Hello)
    assert len(hello.name) <= 100
    assert not set(hello.name) & set("$!<>:;\n")
    assert hello.external_id in {external_id, None}
    assert hello.metadata == metadata[:500]


@pytest.mark.parametrize("external_id", ["a" * 36, "3f2b-_A"])
def test_a_good_external_id_is_kept(external_id: str) -> None:
    hello = read(json.dumps({"t": "hello", "external_id": external_id}))
    assert isinstance(hello, Hello)
    assert hello.external_id == external_id
