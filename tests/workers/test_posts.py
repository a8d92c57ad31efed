"""An information post reaches each reader in their language."""

import uuid
from datetime import datetime

from rooms.embedded.mailbox.serve import Mailbox
from rooms.messages.rules import Audience, PostText
from rooms.messages.service.posts import all_posts, send_post
from rooms.store.scope import OneCentre
from rooms.store.unit_of_work import Store
from tests.support.cast import Cast
from tests.workers.test_messages import send_all
from workers.loop import Resources

TEXTS = {"nb": PostText("Stengt", "Vi holder <stengt>.\n\nHei"), "ar": PostText("مغلق", "نحن مغلقون.")}


async def test_everybody_reads_their_language_and_it_is_counted(
    resources: Resources, store: Store, cast: Cast, mailbox: Mailbox, now: datetime
) -> None:
    async with store.work(OneCentre(cast.klepp.id)) as work:
        await send_post(
            work,
            uuid.uuid4(),
            TEXTS,
            [cast.amina.id, cast.yusuf.id],
            audience=Audience.EVERYBODY,
            circle_id=None,
            session_id=None,
            centre_id=cast.klepp.id,
            actor_id=cast.coordinator.id,
            now=now,
        )
    await send_all(resources)
    arrived = {message.recipient: message for message in mailbox.store.newest_first()}
    assert arrived[str(cast.amina.email)].subject == "مغلق"
    english = arrived[str(cast.yusuf.email)]  # for whom nothing was written in English
    assert (english.subject, "Vi holder <stengt>.\n\nHei" in "\n".join(english.text.splitlines())) == ("Stengt", True)
    assert "Vi holder &lt;stengt&gt;." in english.html
    assert "/l/" not in english.text  # nothing to do, so nothing to tap
    async with store.work(OneCentre(cast.klepp.id)) as work:
        assert [(one.sent, one.waiting, one.failed) for one in await all_posts(work)] == [(2, 0, 0)]
