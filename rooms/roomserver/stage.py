"""Who is seen and heard in an XL room, where not everybody's picture fits. Pure; times are seconds of any clock.

Some cameras are *live*: their pictures are sent on. Everybody else may have a camera on too, but holds it back until
there is a place, or until they speak: then they take the place of whoever has not spoken for longest.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

#: Voices that one page receives. When more microphones are on, those who spoke last are heard.
MOST_VOICES = 24
#: Seconds that a camera stays live once it is, so that pictures do not flicker between people who talk at once.
HOLD = 5.0


@dataclass
class Stage:
    """The cameras and voices of one room."""

    most_cameras: int
    speaker: str | None = None
    #: Live cameras, each with the time since when.
    _live: dict[str, float] = field(default_factory=dict)
    #: Cameras that wait for a place, the longest first.
    _held: list[str] = field(default_factory=list)
    #: Who has spoken, the latest last.
    _spoken: list[str] = field(default_factory=list)

    @property
    def live(self) -> list[str]:
        """Whose pictures are sent on, in the order in which they came."""
        return list(self._live)

    def camera(self, client_id: str, now: float, *, on: bool) -> None:
        """Somebody turned their camera on or off."""
        if not on:
            self._live.pop(client_id, None)
            if client_id in self._held:
                self._held.remove(client_id)
            self._fill(now)
        elif client_id not in self._live and client_id not in self._held:
            self._held.append(client_id)
            self._fill(now)

    def talks(self, client_id: str, now: float) -> None:
        """Somebody began to speak."""
        self.speaker = client_id
        if client_id in self._spoken:
            self._spoken.remove(client_id)
        self._spoken.append(client_id)
        self.pass_on(now)

    def pass_on(self, now: float) -> None:
        """Give whoever spoke last a place among the live cameras, as soon as one may be taken. Called now and then."""
        if self.speaker in self._held and (quiet := self._longest_quiet(now)) is not None:
            del self._live[quiet]
            self._held.append(quiet)
            self._held.remove(self.speaker)
            self._live[self.speaker] = now

    def leave(self, client_id: str, now: float) -> None:
        """Somebody is gone."""
        self.camera(client_id, now, on=False)
        if client_id in self._spoken:
            self._spoken.remove(client_id)
        if self.speaker == client_id:
            self.speaker = None

    def voices(self, candidates: Collection[str], open_microphones: Collection[str]) -> list[str]:
        """Whom of these a page hears: all while they are few, else open microphones first, the last speakers first."""
        ranked = sorted(candidates, key=lambda each: (each not in open_microphones, -self._rank(each)))
        return ranked[:MOST_VOICES]

    def pictures(self, wanted: Iterable[str]) -> list[str]:
        """Whom of these a page can see."""
        return [client_id for client_id in wanted if client_id in self._live]

    def _fill(self, now: float) -> None:
        while self._held and len(self._live) < self.most_cameras:
            first = max(self._held, key=self._rank)  # of those who never spoke, the longest waiting
            self._held.remove(first)
            self._live[first] = now

    def _longest_quiet(self, now: float) -> str | None:
        """The live camera to give way: none while all have only just come."""
        candidates = [each for each, since in self._live.items() if now - since >= HOLD]
        return min(candidates, key=self._rank, default=None)

    def _rank(self, client_id: str) -> int:
        """Higher for who spoke later; 0 for who never did."""
        return self._spoken.index(client_id) + 1 if client_id in self._spoken else 0
