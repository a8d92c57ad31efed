"""The bare loop of `tests.bench.send`: a Celery worker whose only task hands over the same e-mail again and again."""

import asyncio
import uuid
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiosmtplib
from celery import Celery

from config import clock
from config.settings import Settings, load
from rooms.messages.channels.calendar import Appointment, calendar_part
from rooms.messages.channels.email import CONNECTIONS
from rooms.messages.channels.mime import Sender, build
from rooms.messages.rules import Kind
from rooms.messages.service.compose import compose
from rooms.store.redis import broker_url

BATCH = 50


def bare_celery(settings: Settings) -> Celery:
    """A Celery whose task `bare.send_batch` hands over fifty finished e-mails over a few connections."""
    celery = Celery("bare", broker=broker_url(settings.redis_url))
    celery.conf.update(task_default_queue="bare", task_ignore_result=True, worker_prefetch_multiplier=1)
    server = urlsplit(settings.smtp_url.get_secret_value())
    free: list[aiosmtplib.SMTP] = []
    loop = asyncio.new_event_loop()
    raw = _sample()

    async def lane() -> None:
        if free:
            smtp = free.pop()
        else:
            smtp = aiosmtplib.SMTP(hostname=server.hostname, port=server.port)
            await smtp.connect()
        for _ in range(BATCH // CONNECTIONS):
            await smtp.sendmail("sammen@example.org", ["person@post.example"], raw)
        free.append(smtp)

    async def lanes() -> None:
        await asyncio.gather(*(lane() for _ in range(CONNECTIONS)))

    def send_batch() -> None:
        loop.run_until_complete(lanes())

    celery.task(send_batch, name="bare.send_batch")
    return celery


def _sample() -> bytes:
    """An invitation as the outbox sends them."""
    sender = Sender("Frivilligsentralen", "sammen@example.org", "post@sentral.example")
    starts_at = clock.now() + timedelta(days=1)
    link = "http://localhost:8080/l/" + "x" * 26
    facts = {
        "name": "Åse Bjørg",
        "centre_name": sender.name,
        "centre_phone": "+4751000000",
        "title": "Språktrening",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "link": link,
    }
    session_id, zone = uuid.uuid4(), ZoneInfo("Europe/Oslo")
    appointment = Appointment(session_id, 1, "Språktrening", starts_at, starts_at + timedelta(hours=1), zone, link)
    to, url, now = "person@post.example", "http://localhost:8080", clock.now()
    calendar = calendar_part(appointment, to, "Åse Bjørg", sender, language="nb", public_url=url, now=now)
    composed = compose(Kind.INVITATION, "nb", facts)
    return build(uuid.uuid4(), to, sender, composed, language="nb", now=now, calendar=calendar).raw


if __name__ == "__main__":
    bare_celery(load(Settings)).worker_main(
        ["worker", "--concurrency=1", "--queues=bare", "--without-gossip", "--without-mingle", "--loglevel=WARNING"]
    )
