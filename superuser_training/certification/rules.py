"""What makes somebody a certified guide, until when, and what is missing. Pure: a history and a moment in, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from superuser_training.guides.rules import Logged, LogKind
from superuser_training.modules.rules import Module

VALID_FOR = timedelta(days=365)


class Level(StrEnum):
    """How far somebody has come, in rising order."""

    NEW = "new"
    LEARNING = "learning"
    #: Was certified; the time has run out.
    LAPSED = "lapsed"
    CERTIFIED = "certified"
    #: Certified and renewed at least once.
    EXPERIENCED = "experienced"


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that has to be in the log at least once. `subject`: the module, where it is one."""

    kind: LogKind
    subject: str = ""


_SAFETY = Requirement(LogKind.MODULE_PASSED, Module.SAFETY.value)
_OBSERVED = Requirement(LogKind.GUIDING_OBSERVED)
_PLEDGE = Requirement(LogKind.PLEDGED)

#: In the order in which a guide does them.
REQUIREMENTS = (
    _PLEDGE,
    *(Requirement(LogKind.MODULE_PASSED, module.value) for module in Module),
    Requirement(LogKind.GROUP_TRAINING),
    Requirement(LogKind.ONE_TO_ONE_TRAINING),
    _OBSERVED,
)
#: What is done again to renew.
RENEWALS = (_SAFETY, _OBSERVED)
#: What trust rests on: after a revocation it has to be done again. What somebody has learned they keep.
TRUST = frozenset({_PLEDGE, _SAFETY, _OBSERVED})


@dataclass(frozen=True, slots=True)
class Standing:
    """`valid_until`: the end, also one that has passed; None for whoever never was certified, or is no more.

    `missing`: what still has to be done to be certified (again), in the order of `REQUIREMENTS`.
    """

    level: Level
    valid_until: datetime | None
    missing: tuple[Requirement, ...]
    revoked: bool = False

    @property
    def is_certified(self) -> bool:
        """Whether the certificate holds."""
        return self.level in {Level.CERTIFIED, Level.EXPERIENCED}


def standing(history: Iterable[Logged], now: datetime) -> Standing:
    """Where somebody stands. The order of the history does not matter; what lies after `now` has not happened.

    A certificate holds for a year from the moment at which everything was done. Doing both renewals again moves that
    moment to the older of the two. A revocation takes the certificate away until what trust rests on is done again.
    """
    past = [one for one in history if one.at <= now]
    revoked_at = max((one.at for one in past if one.kind is LogKind.REVOKED), default=None)
    times: dict[Requirement, list[datetime]] = {need: [] for need in REQUIREMENTS}
    for one in past:
        need = Requirement(one.kind, one.subject if one.kind is LogKind.MODULE_PASSED else "")
        if need in times and not (need in TRUST and revoked_at is not None and one.at <= revoked_at):
            times[need].append(one.at)
    revoked = revoked_at is not None and any(not times[need] for need in TRUST)
    missing = tuple(need for need in REQUIREMENTS if not times[need])
    if missing:
        return Standing(Level.LEARNING if any(times.values()) else Level.NEW, None, missing, revoked)
    complete_at = max(min(found) for found in times.values())
    renewed_at = min(max(times[need]) for need in RENEWALS)
    valid_until = max(complete_at, renewed_at) + VALID_FOR
    if valid_until <= now:
        old = tuple(need for need in RENEWALS if max(times[need]) + VALID_FOR <= now)
        return Standing(Level.LAPSED, valid_until, old)
    return Standing(Level.EXPERIENCED if renewed_at > complete_at else Level.CERTIFIED, valid_until, ())
