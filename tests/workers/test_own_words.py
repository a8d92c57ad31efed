"""From a centre's own words to the mailbox: in the reader's language, by one query, and no other centre's."""

from datetime import datetime

from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.rules import Kind
from rooms.messages.service import outbox
from rooms.messages.service.texts import save_text
from rooms.messages.wording import OwnWords
from rooms.store.scope import AllCentres, OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from workers.loop import Resources
from workers.messages import send_due

ALL = AllCentres("tests look at every centre")


async def test_a_centre_s_own_words_reach_its_readers_of_that_language(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    own = OwnWords("Ny lenke fra oss", "Her er den:\n{link}")
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await save_text(
            work, Kind.NEW_LINK, "nb", own, version=0, centre_id=cast.klepp.id, actor_id=cast.coordinator.id, now=now
        )
    async with store.work(ALL) as work:
        for person in (cast.guide, cast.yusuf, cast.kvam_coordinator):
            await outbox.put(
                work,
                kind=Kind.NEW_LINK,
                cause_id=person.id,
                person_id=person.id,
                centre_id=person.centre_id,
                now=now,
            )
    while await send_due(resources):
        pass
    received = {message.recipient: message for message in mailbox.store.newest_first()}
    assert {to: message.subject for to, message in received.items()} == {
        cast.guide.email: "Ny lenke fra oss",
        cast.yusuf.email: "You have a new link",
        cast.kvam_coordinator.email: "Du har fått en ny lenke",
    }
    ours = received[str(cast.guide.email)].text
    assert "Her er den:" in ours
    assert "/l/" in ours
