"""Certification over random histories: order, time, renewal, revocation."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from superuser_training.certification.rules import (
    RENEWALS,
    REQUIREMENTS,
    TRUST,
    VALID_FOR,
    Level,
    Requirement,
    standing,
)
from superuser_training.guides.rules import Logged, LogKind, is_paused
from superuser_training.modules.rules import Module

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
RANK = list(Level)
moments = st.integers(0, 1200).map(lambda days: START + timedelta(days=days))
lines = st.builds(
    Logged,
    kind=st.sampled_from([kind for kind in LogKind if kind is not LogKind.REVOKED]),
    at=moments,
    subject=st.sampled_from([module.value for module in Module]),
)
#: Random lines alone seldom certify anybody: half of the histories start from one that does.
histories = st.one_of(
    st.lists(lines, max_size=25),
    st.tuples(
        st.lists(moments, min_size=len(REQUIREMENTS), max_size=len(REQUIREMENTS)), st.lists(lines, max_size=8)
    ).map(lambda both: [*(done(need, at) for need, at in zip(REQUIREMENTS, both[0], strict=True)), *both[1]]),
)


def done(need: Requirement, at: datetime) -> Logged:
    return Logged(need.kind, at, need.subject)


def everything(at: datetime) -> list[Logged]:
    return [done(need, at) for need in REQUIREMENTS]


def test_from_nobody_to_certified_to_lapsed_to_renewed() -> None:
    history: list[Logged] = []
    assert standing(history, START).level is Level.NEW
    for number, need in enumerate(REQUIREMENTS):
        assert standing(history, START).missing == REQUIREMENTS[number:]
        history.append(done(need, START))
    certified = standing(history, START)
    assert (certified.level, certified.valid_until, certified.missing) == (Level.CERTIFIED, START + VALID_FOR, ())
    assert standing(history, START + VALID_FOR - timedelta(seconds=1)).is_certified
    later = START + VALID_FOR
    lapsed = standing(history, later)
    assert (lapsed.level, lapsed.missing) == (Level.LAPSED, RENEWALS)
    half = [*history, done(RENEWALS[0], later)]
    assert standing(half, later).missing == RENEWALS[1:]
    renewed = standing([*half, done(RENEWALS[1], later + timedelta(days=9))], later + timedelta(days=9))
    assert (renewed.level, renewed.valid_until) == (Level.EXPERIENCED, later + VALID_FOR)


def test_after_a_revocation_trust_is_earned_again_and_knowledge_stays() -> None:
    history = [*everything(START), Logged(LogKind.REVOKED, START)]
    taken = standing(history, START)
    assert (taken.revoked, taken.valid_until, set(taken.missing)) == (True, None, set(TRUST))
    later = START + timedelta(days=40)
    back = standing([*history, *(done(need, later) for need in TRUST)], later)
    assert (back.revoked, back.level, back.valid_until) == (False, Level.CERTIFIED, later + VALID_FOR)


@given(histories, moments, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(history: list[Logged], now: datetime, random: object) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its Random as an object
    assert standing(shuffled, now) == standing(history, now)
    assert standing(history * 2, now) == standing(history, now)


@given(histories, lines, moments)
def test_doing_more_now_never_takes_anything_away(history: list[Logged], more: Logged, now: datetime) -> None:
    before = standing(history, now)
    after = standing([*history, Logged(more.kind, now, more.subject)], now)
    assert RANK.index(after.level) >= RANK.index(before.level)
    assert set(after.missing) <= set(before.missing)
    assert before.valid_until is None or (after.valid_until or START) >= before.valid_until


@given(histories, moments)
def test_no_certificate_outlives_a_year_without_anything_done(history: list[Logged], now: datetime) -> None:
    found = standing(history, now)
    if found.is_certified:
        assert found.valid_until is not None
        assert now < found.valid_until <= now + VALID_FOR
        past = [one for one in history if one.at <= now]
        end = standing(past, found.valid_until)
        assert (end.level, end.valid_until) == (Level.LAPSED, found.valid_until)
        assert end.missing
    assert found.is_certified or found.missing


@given(histories, moments)
def test_a_revocation_wins_over_all_that_was_before(history: list[Logged], now: datetime) -> None:
    revoked = standing([*history, Logged(LogKind.REVOKED, now)], now)
    assert revoked.revoked
    assert not revoked.is_certified
    assert set(revoked.missing) >= TRUST


@given(histories, moments)
def test_the_future_has_not_happened(history: list[Logged], now: datetime) -> None:
    assert standing(history, now) == standing([one for one in history if one.at <= now], now)


@given(histories, moments)
def test_what_is_missing_is_enough(history: list[Logged], now: datetime) -> None:
    found = standing(history, now)
    assert standing([*history, *(done(need, now) for need in found.missing)], now).is_certified


def test_the_last_word_about_a_break_holds() -> None:
    paused, resumed = Logged(LogKind.PAUSED, START), Logged(LogKind.RESUMED, START + timedelta(days=1))
    assert not is_paused([], START)
    assert is_paused([resumed, paused], START)
    assert not is_paused([resumed, paused], START + timedelta(days=1))
