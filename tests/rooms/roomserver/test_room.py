"""One room as a state machine: whatever people do, in whatever order, its promises hold."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rooms.roomserver.room import GRACE, MOST_KNOCKING, Arrival, Client, Role, Room

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PEOPLE = st.integers(0, 9)


def client(number: int, role: Role = Role.VISITOR, *, external_id: str | None = None) -> Client:
    return Client(f"c{number}", f"secret-{number}", f"Person {number}", external_id, None, role)


class AnyRoom(RuleBasedStateMachine):
    """Ten people come, knock, lose their connection, come back and leave as they please."""

    @initialize(capacity=st.integers(1, 6), locked=st.booleans())
    def build(self, capacity: int, locked: bool) -> None:
        self.room = Room(capacity, locked)
        self.now = NOW
        self.asked_in: set[str] = set()
        self.lost: dict[str, datetime] = {}

    @rule(number=PEOPLE, role=st.sampled_from([Role.VISITOR, Role.HOST, Role.VIEWER]))
    def arrives(self, number: int, role: Role) -> None:
        someone = client(number, role, external_id=f"e{number}")
        if someone.id in self.room.knocking:
            return
        replaced = self.room.take_over(someone)
        assert all(each.id in self.lost for each in replaced)
        for each in replaced:
            del self.lost[each.id]
        if someone.id in self.room.inside:
            return
        was_full = len(self.room.inside) >= self.room.capacity
        answer = self.room.arrive(someone)
        if self.room.is_locked and role is Role.VISITOR:
            assert answer is Arrival.LOCKED
        else:
            assert answer is (Arrival.FULL if was_full else Arrival.WELCOME)
        assert (someone.id in self.room.inside) == (answer is Arrival.WELCOME)

    @rule(number=PEOPLE)
    def knocks(self, number: int) -> None:
        someone = client(number)
        if someone.id not in self.room.inside:
            assert self.room.knock(someone)

    @rule(host=PEOPLE, number=PEOPLE)
    def is_admitted(self, host: int, number: int) -> None:
        knew = f"c{number}" in self.room.knocking
        is_host = self.room.is_host(f"c{host}")
        was_full = len(self.room.inside) >= self.room.capacity
        answer = self.room.admit(f"c{host}", f"c{number}")
        if not (knew and is_host):
            assert answer is None
        elif was_full:
            assert answer is Arrival.FULL
            assert f"c{number}" in self.room.knocking, "whoever finds no place keeps waiting"
        else:
            assert answer is Arrival.WELCOME
            self.asked_in.add(f"c{number}")

    @rule(host=PEOPLE, number=PEOPLE)
    def is_sent_away(self, host: int, number: int) -> None:
        expected = self.room.is_host(f"c{host}") and f"c{number}" in self.room.knocking
        assert self.room.reject(f"c{host}", f"c{number}") == expected
        if expected:
            assert f"c{number}" not in self.room.knocking

    @rule(number=PEOPLE)
    def loses_the_connection(self, number: int) -> None:
        self.room.lose(f"c{number}", self.now)
        assert f"c{number}" not in self.room.knocking
        if f"c{number}" in self.room.inside:
            self.lost[f"c{number}"] = self.now

    @rule(number=PEOPLE)
    def comes_back(self, number: int) -> None:
        back = self.room.resume(f"secret-{number}")
        assert (back is not None) == (f"c{number}" in self.room.inside)
        self.lost.pop(f"c{number}", None)

    @rule(number=PEOPLE)
    def leaves(self, number: int) -> None:
        was_inside = f"c{number}" in self.room.inside
        assert (self.room.leave(f"c{number}") is not None) == was_inside
        self.lost.pop(f"c{number}", None)

    @rule(seconds=st.integers(0, 30))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        due = {each for each, since in self.lost.items() if self.now - since >= GRACE}
        assert {each.id for each in self.room.expire(self.now)} == due
        for each in due:
            del self.lost[each]

    @invariant()
    def promises(self) -> None:
        if not hasattr(self, "room"):
            return
        inside = self.room.inside
        assert len(inside) <= self.room.capacity
        assert not inside.keys() & self.room.knocking.keys()
        assert {each for each, who in inside.items() if who.lost_at is not None} == self.lost.keys()
        if self.room.is_locked:
            assert all(who.role is not Role.VISITOR for who in inside.values())
        granted = {each for each, who in inside.items() if who.role is Role.GRANTED_VISITOR}
        assert granted <= self.asked_in


AnyRoom.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyRoom = AnyRoom.TestCase


def test_the_last_place_goes_to_one() -> None:
    room = Room(1, is_locked=False)
    assert [room.arrive(client(number)) for number in (1, 2)] == [Arrival.WELCOME, Arrival.FULL]


def test_a_kept_place_counts_until_it_is_given_up() -> None:
    room = Room(1, is_locked=False)
    room.arrive(client(1))
    room.lose("c1", NOW)
    assert room.arrive(client(2)) is Arrival.FULL
    assert room.expire(NOW + GRACE - timedelta(milliseconds=1)) == []
    assert [each.id for each in room.expire(NOW + GRACE)] == ["c1"]
    assert room.arrive(client(2)) is Arrival.WELCOME


def test_a_page_loaded_again_takes_its_own_place_and_nobody_elses() -> None:
    room = Room(2, is_locked=False)
    room.arrive(client(1, external_id="amina"))
    room.arrive(client(2, external_id="yusuf"))
    room.lose("c1", NOW)
    again = client(3, external_id="amina")
    assert [each.id for each in room.take_over(again)] == ["c1"]
    assert room.arrive(again) is Arrival.WELCOME
    assert room.take_over(client(4, external_id="yusuf")) == [], "he is here: another with his id does not push him out"
    assert room.take_over(client(5)) == []


def test_a_locked_door_is_no_way_to_take_a_place() -> None:
    room = Room(2, is_locked=True)
    room.arrive(client(1, Role.HOST, external_id="kari"))
    room.lose("c1", NOW)
    assert room.take_over(client(2, external_id="kari")) == []
    assert "c1" in room.inside


@pytest.mark.parametrize("secret", ["", "secret-2", "c1", "secret-1 "])
def test_only_the_secret_brings_back(secret: str) -> None:
    room = Room(2, is_locked=False)
    room.arrive(client(1))
    room.lose("c1", NOW)
    assert room.resume(secret) is None


def test_a_door_has_room_for_so_many() -> None:
    room = Room(2, is_locked=True)
    assert all(room.knock(client(number)) for number in range(MOST_KNOCKING))
    assert not room.knock(client(MOST_KNOCKING))


def test_a_host_who_waits_at_a_full_room_is_a_host_when_let_in() -> None:
    room = Room(1, is_locked=True)
    room.arrive(client(1, Role.HOST))
    late = client(2, Role.HOST)
    assert room.arrive(late) is Arrival.FULL
    room.knock(late)
    assert room.admit("c1", "c2") is Arrival.FULL
    room.capacity = 2
    assert room.admit("c1", "c2") is Arrival.WELCOME
    assert room.is_host("c2")
