"""The provider's list against ours."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rooms.supply.rules.reconcile import Known, Listed, compare
from rooms.supply.rules.room_life import RoomState
from rooms.whereby.protocol import room_prefix

BEGAN = datetime(2026, 11, 23, 7, tzinfo=UTC)
BEFORE = BEGAN - timedelta(minutes=5)
OPEN = {RoomState.READY, RoomState.IN_USE}


def known(state: RoomState, *, since: datetime = BEFORE, meeting_id: str | None = "m") -> Known:
    room_id = uuid.uuid4()
    return Known(room_id, room_prefix("sammen", room_id), meeting_id, state, since)


def listed(room: Known, meeting_id: str = "m") -> Listed:
    return Listed(meeting_id, f"/{room.prefix}{uuid.uuid4()}")


def test_what_agrees_is_left_alone() -> None:
    for state in set(RoomState) - {RoomState.GONE}:
        room = known(state)
        found = compare([listed(room)], [room], "sammen", BEGAN)
        assert (found.orphans, found.lost) == ([], [])


def test_a_room_being_made_is_no_orphan_though_its_answer_has_not_come() -> None:
    room = known(RoomState.CREATING, meeting_id=None)
    assert compare([listed(room)], [room], "sammen", BEGAN).orphans == []


def test_a_room_made_twice_is_an_orphan_the_second_time() -> None:
    room = known(RoomState.READY)
    assert compare([listed(room), listed(room, "twin")], [room], "sammen", BEGAN).orphans == ["twin"]


def test_what_changed_while_the_list_was_read_is_not_lost() -> None:
    assert compare([], [known(RoomState.READY, since=BEGAN)], "sammen", BEGAN).lost == []
    assert len(compare([], [known(RoomState.READY)], "sammen", BEGAN).lost) == 1


@given(
    states=st.lists(st.sampled_from(RoomState), max_size=8),
    theirs=st.lists(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-/", max_size=60), max_size=8),
)
def test_only_what_carries_our_prefix_is_ever_deleted(states: list[RoomState], theirs: list[str]) -> None:
    """Another installation's rooms, or rooms that people made by hand, are not ours to touch."""
    ours = [known(state, meeting_id=f"m{number}") for number, state in enumerate(states)]
    strangers = [Listed(f"x{number}", name) for number, name in enumerate(theirs)]
    others = [Listed(f"o{number}", f"/sammen-test-{room.prefix}") for number, room in enumerate(ours)]
    forgotten = [Listed("f", f"/{room_prefix('sammen', uuid.uuid4())}abc")]
    found = compare([*strangers, *others, *forgotten], ours, "sammen", BEGAN)
    assert set(found.orphans) <= {"f"} | {
        one.meeting_id for one in strangers if one.room_name.lstrip("/").startswith("sammen-")
    }
    assert "f" in found.orphans
    assert {room.id for room in found.lost} == {room.id for room in ours if room.state in OPEN}
