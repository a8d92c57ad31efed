"""Texts for what the guide log and the standing hold."""

from collections.abc import Mapping

from config import i18n
from config.i18n import marked as _
from superuser_training.certification.rules import Level, Requirement
from superuser_training.guides.rules import LogKind
from superuser_training.modules.library import content
from superuser_training.modules.rules import Module

LEVELS: Mapping[Level, str] = {
    Level.NEW: _("Not begun"),
    Level.LEARNING: _("In training"),
    Level.LAPSED: _("Certificate has run out"),
    Level.CERTIFIED: _("Certified"),
    Level.EXPERIENCED: _("Certified, experienced"),
}

LOG: Mapping[LogKind, str] = {
    LogKind.PLEDGED: _("Agreement and pledge signed"),
    LogKind.MODULE_PASSED: _("Module passed"),
    LogKind.EXERCISE_DONE: _("Exercise done"),
    LogKind.GROUP_TRAINING: _("Took part in a group training"),
    LogKind.ONE_TO_ONE_TRAINING: _("Had a one-to-one training"),
    LogKind.GUIDING_OBSERVED: _("Guided others, with an observer"),
    LogKind.REVOKED: _("Certificate taken back"),
    LogKind.PAUSED: _("Takes a break"),
    LogKind.RESUMED: _("Is back from the break"),
    LogKind.THANKED: _("Thanked"),
}


def requirement(need: Requirement, language: str) -> str:
    """What has to be done, in the reader's language."""
    if need.subject:
        return content(Module(need.subject), language).title
    return i18n.gettext(language, LOG[need.kind])


def about(subject: str, language: str) -> str:
    """The module, or the exercise of a module, that a line of the log speaks of; empty for none."""
    name, _slash, number = subject.partition("/")
    if not name:
        return ""
    module = content(Module(name), language)
    if number and 0 < int(number) <= len(module.exercises):
        return f"{module.title}: {module.exercises[int(number) - 1]}"
    return module.title
