"""Ready-made messages to groups. Their keys are stored; each reader gets the text in their own language."""

from config.i18n import marked as _

READY = {
    "two-minutes": _("Two minutes left."),
    "swap": _("Let somebody else speak now."),
    "all-well": _("Is everything well? Press Help if you need somebody."),
    "slowly": _("Speak slowly and clearly, so that everybody can follow."),
    "norwegian": _("Please speak Norwegian together now."),
    "own-language": _("You may use your own language now."),
    "next-topic": _("Go on to the next question."),
    "soon-back": _("Soon you come back to everybody."),
    "thanks": _("Thank you! You are doing well."),
}
