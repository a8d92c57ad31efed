"""Random histories of rooms: whatever workers do in whatever order, a room only ever takes legal steps, and ends."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rooms.supply.rules.room_life import IllegalStep, RoomState, check_step

_ORDER = list(RoomState)


class Life(RuleBasedStateMachine):
    """One room, and anybody who tries anything with it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = RoomState.WANTED
        self.history = [self.state]

    @rule(after=st.sampled_from(RoomState))
    def somebody_tries(self, after: RoomState) -> None:
        try:
            check_step(self.state, after)
        except IllegalStep:
            return
        self.state = after
        self.history.append(after)

    @precondition(lambda self: self.state is not RoomState.GONE)
    @rule()
    def it_can_always_be_closed(self) -> None:
        """From wherever it is, by legal steps alone."""
        state = self.state
        for after in (RoomState.RETIRING, RoomState.GONE):
            if after is RoomState.RETIRING and state in {RoomState.WANTED, RoomState.RETIRING}:
                continue
            check_step(state, after)
            state = after

    @invariant()
    def it_never_goes_back(self) -> None:
        places = [_ORDER.index(state) for state in self.history]
        assert places == sorted(set(places))

    @invariant()
    def nobody_enters_what_was_never_ready(self) -> None:
        if RoomState.IN_USE in self.history:
            assert RoomState.READY in self.history

    @invariant()
    def what_the_provider_may_have_is_never_forgotten(self) -> None:
        """From creating on, the way to gone leads over retiring, where it is deleted."""
        if self.state is RoomState.GONE and RoomState.CREATING in self.history:
            assert RoomState.RETIRING in self.history


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)
