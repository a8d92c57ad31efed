"""Who connects to whom in a mesh: everybody to everybody, the newcomer offers. Pure.

Only the newcomer opens connections; when both sides offer later on (a restart of a lost path), the polite one gives
way. Who is polite follows from the two ids alone, so both sides agree without asking.
"""

#: An SFU carries more; a mesh of more people fills phones and their uplink ((n - 1) times the video).
MOST_PEOPLE = 6


def is_polite(mine: str, theirs: str) -> bool:
    """Whether the client `mine` gives way to `theirs` when offers cross (RFC 8829's perfect negotiation)."""
    return mine < theirs


def capacity(mode: str, *, has_sfu: bool) -> int:
    """How many people a room takes: 4 in `normal`; in `group` 200 with an SFU, and what a mesh can carry without."""
    if mode == "normal":
        return 4
    return 200 if has_sfu else MOST_PEOPLE
