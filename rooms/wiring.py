"""Imports every subject's records, so that metadata is whole for the application, workers, migrations and tests."""

from rooms.access import records as access
from rooms.audit import records as audit
from rooms.breakout import records as breakout
from rooms.messages import records as messages
from rooms.people.records import centres, circles, consents, import_lists, persons, remarks
from rooms.schedule import records as schedule
from rooms.seating import records as seating
from rooms.store.base import Base
from rooms.supply import records as supply
from rooms.usage import records as usage
from superuser_training.guides import records as guides
from superuser_training.help import records as help_records

RECORDS = (
    audit, centres, persons, circles, import_lists, consents, remarks, access, messages, schedule, supply, seating,
    usage, breakout, guides, help_records,
)  # fmt: skip
METADATA = Base.metadata

#: Tables that keep a person's id after the person is gone, and why. All others lose it with the person's row.
KEPT_ABOUT_PERSONS = {
    "audit_entry": "who did what has to outlive whom it speaks of; an id without its person's row names nobody",
}
