"""What a plan could not meet, in words for a coordinator."""

from collections.abc import Mapping

from config.i18n import gettext
from config.i18n import marked as _
from rooms.breakout.rules.score import Rule, Unmet

UNMET: Mapping[Rule, str] = {
    Rule.PLACED: _("%(names)s: fits in no group and stays in the big room."),
    Rule.ONCE: _("%(names)s: in two groups."),
    Rule.APART: _("%(names)s: kept apart, and in one group."),
    Rule.SAFE: _("%(names)s: may not sit together."),
    Rule.SIZE: _("%(names)s: a group of %(count)s."),
    Rule.ROOMS: _("There are %(count)s groups more than rooms."),
    Rule.TOGETHER: _("%(names)s: could not be kept together."),
    Rule.NEWCOMER_GUIDE: _("%(names)s: is new, and no guide was free."),
    Rule.GROUP_GUIDE: _("%(names)s: a group without a guide."),
    Rule.NEWCOMER_LANGUAGE: _("%(names)s: is new, and no guide in the group speaks a language of theirs."),
    Rule.MET_BEFORE: _("%(names)s: have met before (%(count)s)."),
}


def text_of(language: str, unmet: Unmet, names: Mapping[str, str]) -> str:
    """A sentence in a language, with what each person is called."""
    called = ", ".join(names[one] for one in unmet.people)
    return gettext(language, UNMET[unmet.rule], names=called, count=unmet.count)
