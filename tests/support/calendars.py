"""A reader of calendars (RFC 5545) that shares no code with their writer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class Line:
    """`NAME;PARAMETER=…:value`, the value as it stands."""

    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value without its escapes."""
        return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass
class Component:
    """What stands between BEGIN and END."""

    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def line(self, name: str) -> Line:
        """The one line of this name."""
        (found,) = (line for line in self.lines if line.name == name)
        return found

    def all(self, name: str) -> list["Component"]:
        """The components of this name directly in it."""
        return [part for part in self.parts if part.name == name]

    def moment(self, name: str, calendar: "Component") -> datetime:
        """A local time with its TZID, as the calendar's own VTIMEZONE reads it; in UTC."""
        line = self.line(name)
        (zone,) = (zone for zone in calendar.all("VTIMEZONE") if zone.line("TZID").value == line.parameters["TZID"])
        wall = datetime.strptime(line.value, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        started = [part for part in zone.parts if _wall(part) <= wall]
        return wall - _offset(max(started, key=_wall).line("TZOFFSETTO").value)


def read_calendar(text: str) -> Component:
    """The VCALENDAR. Fails on what is none, and on lines that are too long."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = _lines(text)
    first = next(lines)
    assert (first.name, first.value) == ("BEGIN", "VCALENDAR")
    calendar = _component("VCALENDAR", lines)
    assert next(lines, None) is None
    return calendar


def _component(name: str, lines: Iterator[Line]) -> Component:
    component = Component(name)
    for line in lines:
        if line.name == "END":
            assert line.value == name
            return component
        if line.name == "BEGIN":
            component.parts.append(_component(line.value, lines))
        else:
            component.lines.append(line)
    raise AssertionError(f"{name} does not end")


def _lines(text: str) -> Iterator[Line]:
    for line in re.sub(r"\r\n[ \t]", "", text).removesuffix("\r\n").split("\r\n"):
        found = re.fullmatch(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', line)
        assert found is not None, line
        parameters = re.findall(r';([A-Z-]+)=("[^"]*"|[^";:,]*)', found[2])
        yield Line(found[1], {name: value.strip('"') for name, value in parameters}, found[3])


def _wall(observance: Component) -> datetime:
    return datetime.strptime(observance.line("DTSTART").value, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def _offset(text: str) -> timedelta:
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)", text)
    assert found is not None
    return (timedelta(hours=int(found[2]), minutes=int(found[3]))) * (1 if found[1] == "+" else -1)
