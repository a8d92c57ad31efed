"""What states and choices are called. English message ids; templates translate them when they are shown."""

from collections.abc import Mapping

from config.i18n import marked as _
from rooms.breakout.rules.pairs import PairKind
from rooms.breakout.rules.words import UNMET
from rooms.dashboard.views import breakout_words, people_words
from rooms.dashboard.views.bounce_words import came_back
from rooms.dashboard.views.breakout_words import BREAKOUT_STATES, LEVELS_TOGETHER, MODES
from rooms.dashboard.views.message_words import KINDS
from rooms.dashboard.views.people_words import COLUMNS, CONSENTS, GIVEN_HOW, MESSAGE_STATES, REACHED, SEEN, TROUBLES
from rooms.people.rules.circles import OnStranger
from rooms.people.rules.contact import PreferredWay
from rooms.people.rules.languages import SPOKEN
from rooms.people.rules.roles import GuestRole
from rooms.schedule.rules.formats import Answer, DeviceCheck, Format
from rooms.schedule.rules.life import SessionState
from rooms.schedule.rules.recurrence import Every
from rooms.schedule.rules.standing import Renewal
from rooms.seating.rules.progress import Progress
from rooms.seating.rules.unreached import FINE
from rooms.supply.rules.room_life import RoomError, RoomState
from rooms.supply.rules.shortage import Remedy

FORMATS: Mapping[Format, str] = {
    Format.PRACTICE: _("Language practice"),
    Format.GATHERING: _("Gathering"),
    Format.BRIEFING: _("Information meeting"),
    Format.COURSE: _("Course"),
    Format.TRAINING: _("Guide training"),
    Format.ONE_TO_ONE: _("One to one"),
    Format.WORKGROUP: _("Working group"),
}

SESSION_STATES: Mapping[SessionState, str] = {
    SessionState.PLANNED: _("Planned"),
    SessionState.OPEN: _("Open now"),
    SessionState.RUNNING: _("Running now"),
    SessionState.OVER: _("Ended"),
    SessionState.CANCELLED: _("Cancelled"),
}

EVERY: Mapping[Every, str] = {
    Every.WEEK: _("Every week"),
    Every.TWO_WEEKS: _("Every other week"),
    Every.MONTH: _("Every month, on the same weekday"),
}

ANSWERS: Mapping[Answer, str] = {
    Answer.COMING: _("Says: is coming"),
    Answer.LATE: _("Says: comes a little late"),
    Answer.ABSENT: _("Says: cannot come"),
}

PROGRESS: Mapping[Progress, str] = {
    Progress.NO_ADDRESS: _("Has no e-mail address"),
    Progress.FAILED: _("The link did not arrive"),
    Progress.NOT_SENT: _("The link is being sent"),
    Progress.SENT: _("Was sent the link"),
    Progress.DELIVERED: _("Has got the link"),
    Progress.OPENED: _("Has opened the link"),
    Progress.ASKS: _("Waits outside with another device"),
    Progress.ON_THE_WAY: _("On the way in"),
    Progress.IN: _("Is in"),
    Progress.DROPPED: _("Lost the connection"),
    Progress.LEFT: _("Has left"),
}

#: Progress → the colour of its tag; others are grey. Colour only repeats what the words say.
COLOURS: Mapping[Progress, str] = {
    Progress.IN: "success",
    Progress.OPENED: "info",
    Progress.ON_THE_WAY: "info",
    Progress.ASKS: "warning",
    Progress.NO_ADDRESS: "warning",
    Progress.FAILED: "danger",
    Progress.DROPPED: "danger",
}

DEVICE_CHECKS: Mapping[DeviceCheck, str] = {
    DeviceCheck.PASSED: _("Camera and sound work"),
    DeviceCheck.CAMERA_OFF: _("Sound works, camera is off"),
    DeviceCheck.CAMERA_BLOCKED: _("The browser blocks the camera"),
    DeviceCheck.MICROPHONE_BLOCKED: _("The browser blocks the microphone"),
    DeviceCheck.NO_CAMERA: _("No camera found"),
    DeviceCheck.NO_MICROPHONE: _("No microphone found"),
    DeviceCheck.IN_APP_BROWSER: _("Opened the link inside an app that allows no camera"),
    DeviceCheck.UNSUPPORTED: _("The browser is too old"),
}

#: What keeps people outside, of an open room.
OUTSIDE: Mapping[str, str] = {**dict(PROGRESS.items()), **dict(DEVICE_CHECKS.items())}

LEVELS: Mapping[int, str] = {
    1: _("A1 – a few words"),
    2: _("A2 – simple everyday talk"),
    3: _("B1 – manages most everyday talk"),
    4: _("B2 – talks freely"),
    5: _("C1 – very good"),
}

PREFERRED_WAYS: Mapping[PreferredWay, str] = {
    PreferredWay.EMAIL: _("By e-mail"),
    PreferredWay.SMS: _("By SMS"),
    PreferredWay.NONE: _("Not at all"),
}

ON_STRANGER: Mapping[OnStranger, str] = {
    OnStranger.ASK: _("Ask the coordinator and the guides"),
    OnStranger.ROTATE: _("Move everybody to a new room at once"),
}

WEEKDAYS: Mapping[int, str] = {
    1: _("Monday"),
    2: _("Tuesday"),
    3: _("Wednesday"),
    4: _("Thursday"),
    5: _("Friday"),
    6: _("Saturday"),
    7: _("Sunday"),
}

RENEWALS: Mapping[Renewal, str] = {
    Renewal.EACH_DAY: _("Each day"),
    Renewal.AFTER_USE: _("Each day, and when everybody has left"),
    Renewal.EVERY_HOUR: _("Each day, and every hour while it is in use"),
    Renewal.EVERY_THREE_HOURS: _("Each day, and every third hour while it is in use"),
}

PAIR_KINDS: Mapping[PairKind, str] = {
    PairKind.TOGETHER: _("Keep together"),
    PairKind.APART: _("Keep apart"),
}

GUEST_ROLES: Mapping[GuestRole, str] = {
    GuestRole.LECTURER: _("lecturer"),
    GuestRole.HEALTH_WORKER: _("health worker"),
    GuestRole.INTERPRETER: _("interpreter"),
    GuestRole.VISITOR: _("visitor"),
}

ROOM_STATES: Mapping[RoomState, str] = {
    RoomState.WANTED: _("Wanted"),
    RoomState.CREATING: _("Being made"),
    RoomState.READY: _("Ready"),
    RoomState.IN_USE: _("In use"),
    RoomState.RETIRING: _("Being closed"),
}

ROOM_ERRORS: Mapping[RoomError, str] = {
    RoomError.DOWN: _("The room provider does not answer. We keep trying."),
    RoomError.TOO_FAST: _("The points of the minute were used up. The most urgent rooms come first in the next one."),
    RoomError.REFUSED: _("The room provider refuses. Whoever runs the service has to look at its key and its plan."),
    RoomError.LOST: _("A room was gone at the provider. Another one has taken its place."),
}

REMEDIES: Mapping[Remedy, str] = {
    Remedy.FEWER_ROOMS: _("Plan fewer group conversations at a time."),
    Remedy.LARGER_ROOMS: _("Plan it as a gathering: up to fifty people share a room."),
    Remedy.LATER: _("Begin later, when all rooms are there."),
    Remedy.LARGER_PLAN: _("A larger plan with the room provider. Ask whoever runs the service."),
}

#: What the page says after something was done; the key stands in its address.
DONE: Mapping[str, str] = {
    "planned": _("The session is planned. Everybody is being sent their link."),
    "series-planned": _("All sessions are planned. Everybody is being sent one message with all of them."),
    "invited": _("They are invited and are being sent their link."),
    "cancelled": _("The session is cancelled. Everybody invited is being told."),
    "moved": _("The session is moved. Everybody invited is being told."),
    "ended": _("The session is ended for all."),
    "sent-again": _("The link is being sent again."),
    "trying-again": _("It is being sent again."),
    "needs-no-other": _("No other message is needed: one is on its way, or they have come."),
    "saved": _("Saved."),
    "added": _("Added."),
    "let-in": _("They are let in."),
    "rotated": _("Everybody is moving to the new room. The old one is closed."),
    "rotation-waits": _("A new room is being made. Everybody moves as soon as it is there."),
    "nothing-to-rotate": _("No room is open, so nobody had to move."),
    "stranger-let-in": _("They are let in, and count as the person you chose."),
    "stranger-fine": _("It is noted."),
    "decided-already": _("Somebody else has just taken care of this."),
    "not-to-choose": _("This person is in already, or not invited any more. Choose again."),
    "standing-room-stopped": _("The open room is closed."),
    "guest-invited": _("The guest is invited. Their link ends by itself."),
    "guest-ended": _("The guest's link opens nothing any more."),
    "answered": _("It is yours. Call them, or meet them in the room."),
    "pair-kept": _("Noted. It holds whenever groups are made."),
    "pair-removed": _("Removed. The two may sit anywhere again."),
    "card-restored": _("The card is as it was at first."),
    "card-deleted": _("The card is deleted."),
    "post-sent": _("It is being sent to everybody whom it is for."),
    "text-restored": _("The standard text is used again."),
    **breakout_words.DONE,
    **people_words.DONE,
}

_MESSAGE_ERRORS: Mapping[str, str] = {
    "no_address": _("There is no way to write to them. Give them their link another way."),
    "unwanted": _("They want no messages. Give them their link another way."),
    "bad_address": _("The e-mail address is not valid. Correct it and send again."),
    "timeout": _("The mail server could not be reached."),
    "disconnected": _("The mail server could not be reached."),
    "no_connection": _("The mail server could not be reached."),
}


def message_error(error: str) -> str:
    """What an error that `messages` stored means to a coordinator. Codes of SMTP: RFC 5321, 4.2."""
    if (reason := came_back(error)) is not None:
        return reason
    if error in _MESSAGE_ERRORS:
        return _MESSAGE_ERRORS[error]
    if error == "sms_lost":
        return _("The SMS did not arrive. Check the number and send again.")
    if error.startswith("sms_"):
        return _("The SMS was refused. Check the number and send again.")
    if error.startswith("5"):
        return _("The mail server refuses the address. Correct it and send again.")
    return _("The mail could not be sent.")


def spoken(codes: list[str] | tuple[str, ...]) -> str:
    """Languages as their speakers call them."""
    return ", ".join(SPOKEN.get(code, code) for code in codes)


__all__ = [
    "ANSWERS",
    "BREAKOUT_STATES",
    "COLOURS",
    "COLUMNS",
    "CONSENTS",
    "DEVICE_CHECKS",
    "DONE",
    "EVERY",
    "FINE",
    "FORMATS",
    "GIVEN_HOW",
    "GUEST_ROLES",
    "KINDS",
    "LEVELS",
    "LEVELS_TOGETHER",
    "MESSAGE_STATES",
    "MODES",
    "ON_STRANGER",
    "OUTSIDE",
    "PAIR_KINDS",
    "PREFERRED_WAYS",
    "PROGRESS",
    "REACHED",
    "REMEDIES",
    "RENEWALS",
    "ROOM_ERRORS",
    "ROOM_STATES",
    "SEEN",
    "SESSION_STATES",
    "TROUBLES",
    "UNMET",
    "WEEKDAYS",
    "message_error",
    "spoken",
]
