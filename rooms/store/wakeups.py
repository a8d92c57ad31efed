"""Wake-ups: tell pages that something changed, call a worker's task by name.

Losing one costs seconds: pages ask again by themselves and beat scans what is due.
"""

import asyncio
import json
import uuid

from celery import Celery
from kombu.exceptions import OperationalError
from pydantic import SecretStr
from redis.asyncio import Redis

from rooms.store.redis import LIVE_CHANNEL, broker_url

#: Begins the topics that tell of new seats.
SEATS = "seats:"


def session_topic(session_id: uuid.UUID) -> str:
    """Whoever shows this session: its participants' pages and its coordinators' boards."""
    return f"session:{session_id}"


def seats_topic(session_id: uuid.UUID) -> str:
    """As `session_topic`; and whoever is in a room of it is told their new seat at once, instead of asking."""
    return f"{SEATS}{session_id}"


def person_topic(person_id: uuid.UUID) -> str:
    """The pages of one person."""
    return f"person:{person_id}"


def centre_topic(centre_id: uuid.UUID) -> str:
    """The dashboards of one centre."""
    return f"centre:{centre_id}"


#: Rooms have a queue of their own, so that making them never waits behind mail; and so has what somebody waits for
#: this second, which never waits for mail or the provider. Sender and worker must agree.
QUEUE, MAIL_QUEUE, LIVE_QUEUE = "rooms", "mail", "live"
ROUTES = {
    "workers.messages.*": {"queue": MAIL_QUEUE},
    "workers.bounces.*": {"queue": MAIL_QUEUE},
    "workers.presence.*": {"queue": LIVE_QUEUE},
    "workers.rotation.*": {"queue": LIVE_QUEUE},
    "workers.breakout.*": {"queue": LIVE_QUEUE},
    "workers.help.*": {"queue": LIVE_QUEUE},
}


def queue_client(redis_url: SecretStr) -> Celery:
    """A Celery that can only send: tasks are called by name, so that the web imports no worker."""
    celery = Celery("sammen", broker=broker_url(redis_url), set_as_current=False)
    celery.conf.update(
        task_default_queue=QUEUE,
        task_routes=ROUTES,
        broker_connection_timeout=2,
        broker_transport_options={"socket_timeout": 5},
    )
    return celery


class Wakeups:
    """The way out of one process. Its methods raise OSError or RedisError when Redis is away."""

    def __init__(self, redis: Redis, celery: Celery) -> None:
        self._redis = redis
        self._celery = celery

    async def pages(self, *topics: str) -> None:
        """Tell the pages that follow one of these topics to ask where they should be."""
        await self._redis.publish(LIVE_CHANNEL, json.dumps(sorted(topics)))

    async def worker(self, task: str) -> None:
        """Have a worker run the task of this name soon. It takes no arguments: what is due lives in the database."""
        try:
            await asyncio.to_thread(self._celery.send_task, task, retry=False, ignore_result=True)
        except OperationalError as error:
            raise ConnectionError("the broker did not answer") from error
