"""What audited events are called, and what they are about. English message ids."""

from collections.abc import Mapping

from config.i18n import marked as _
from rooms.audit.rules import Area, Event

EVENTS: Mapping[Event, str] = {
    Event.PERSON_ADDED: _("Added a person"),
    Event.PERSON_CHANGED: _("Changed what is known of a person"),
    Event.SESSION_PLANNED: _("Planned a session"),
    Event.SESSION_MOVED: _("Moved a session to another time"),
    Event.SESSION_CANCELLED: _("Cancelled a session"),
    Event.SESSION_ENDED: _("Ended a session for all"),
    Event.CIRCLE_ADDED: _("Made a group"),
    Event.CIRCLE_CHANGED: _("Changed a group"),
    Event.STANDING_ROOM_OPENED: _("Opened a room that stays open"),
    Event.STANDING_ROOM_CHANGED: _("Changed a room that stays open"),
    Event.STANDING_ROOM_STOPPED: _("Stopped a room that stays open"),
    Event.GUEST_INVITED: _("Invited a guest"),
    Event.GUEST_ENDED: _("Ended the visit of a guest"),
    Event.ROOM_ROTATED: _("Moved everybody to a new room"),
    Event.ROOM_LOST: _("A room was lost and replaced"),
    Event.STRANGER_SEEN: _("A stranger was seen in a room"),
    Event.STRANGER_LET_IN: _("Let a stranger stay"),
    Event.STRANGER_FOUND_FINE: _("Found that a stranger was no danger"),
    Event.PAIR_MADE: _("Said who should sit together or apart"),
    Event.PAIR_REMOVED: _("Took back who should sit together or apart"),
    Event.CARD_CHANGED: _("Changed a conversation card"),
    Event.CARD_REMOVED: _("Removed a conversation card"),
    Event.TEXT_CHANGED: _("Changed the text of a message"),
    Event.TEXT_RESTORED: _("Took back the first text of a message"),
    Event.BREAKOUT_OPENED: _("Started group conversations"),
    Event.BREAKOUT_CHANGED: _("Changed group conversations"),
    Event.BREAKOUT_CLOSED: _("Ended group conversations"),
    Event.BREAKOUT_MOVED: _("Moved somebody to another group"),
    Event.USAGE_BUDGET_CHANGED: _("Changed the budget for minutes"),
    Event.LINK_MADE: _("Made a personal link"),
    Event.LINK_SHOWN: _("Looked at a personal link"),
    Event.LINK_REPLACED: _("Replaced a personal link"),
    Event.FEED_SHOWN: _("Looked at a calendar link"),
    Event.FEED_REPLACED: _("Replaced a calendar link"),
    Event.SIGN_IN_ASKED: _("A link for signing in was asked for"),
    Event.SIGNED_IN: _("Signed in"),
    Event.SIGNED_OUT: _("Signed out"),
    Event.DEVICE_LET_IN: _("Let in another device"),
    Event.HELP_ASKED: _("Asked for help"),
    Event.HELP_ANSWERED: _("Answered a call for help"),
}

AREAS: Mapping[Area, str] = {
    Area.PEOPLE: _("People"),
    Area.SESSIONS: _("Sessions"),
    Area.CIRCLES: _("Groups"),
    Area.ROOMS: _("Who is in the rooms"),
    Area.BREAKOUTS: _("Group conversations"),
    Area.TEXTS: _("Texts and cards"),
    Area.LINKS: _("Links"),
    Area.SIGN_INS: _("Signing in"),
    Area.HELP: _("Help"),
    Area.USAGE: _("Usage"),
}
