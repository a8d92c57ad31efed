"""Celery: queues, what beat asks for and when, and the processes' life. Tasks carry no arguments: the database knows.

Nothing is scheduled far ahead in the queue: on Redis a task with a far ETA runs twice. Beat says «look what is due».
"""

import os
from contextlib import suppress
from logging import WARNING, getLogger
from typing import Any

from celery import Celery, signals
from kombu.exceptions import OperationalError

from config import logging
from config.settings import Settings, load
from rooms.store.redis import broker_url
from rooms.store.wakeups import LIVE_QUEUE, MAIL_QUEUE, QUEUE, ROUTES
from workers.beat import Ticks, leading
from workers.loop import LOOP
from workers.task import TIME_LIMIT

#: task → seconds between two looks
_EVERY = {
    "workers.messages.send_due": 5,
    "workers.reminders.write_due": 60,
    "workers.bounces.read_due": 60,
    "workers.supply.provision_due": 10,
    "workers.supply.close_due": 15,
    "workers.supply.reconcile_due": 600,
    "workers.rotation.move_due": 5,
    "workers.rotation.renew_due": 30,
    "workers.schedule.lay_out_due": 60,
    "workers.digest.write_due": 60,
    "workers.privacy.erase_due": 3600,
    "workers.breakout.tend_due": 5,
    "workers.history.meetings_due": 60,
    "workers.presence.provider_events_due": 5,
    "workers.presence.strangers_due": 5,
    "workers.presence.stranger_names_due": 300,
    "workers.help.desk_due": 10,
    "workers.usage.warnings_due": 3600,
    "workers.usage.insights_due": 600,
    "workers.heartbeat.beat": 10,
}


def make_celery(settings: Settings) -> Celery:
    """The worker's and beat's Celery."""
    celery = Celery(
        "sammen",
        broker=broker_url(settings.redis_url),
        include=sorted({name.rpartition(".")[0] for name in _EVERY}),
    )
    celery.conf.update(
        task_default_queue=QUEUE,
        task_routes=ROUTES,
        task_ignore_result=True,
        # A task that does not end is killed with its process; what it had claimed is free again by then.
        task_time_limit=TIME_LIMIT + 30,
        # Each look is harmless to repeat and beat asks again: a message that stays after a crash would only pile up.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        # Nobody else could do what a worker has taken for later while all its processes wait for a slow provider.
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"socket_timeout": 10, "socket_connect_timeout": 3},
        beat_schedule={
            # A look that nobody had time for is of no use once the next one is there.
            name: {"task": name, "schedule": Ticks(seconds), "options": {"expires": seconds * 2}}
            for name, seconds in _EVERY.items()
        },
    )
    return celery


def run_worker(settings: Settings, *, processes: int, only_live: bool = False) -> None:
    """Work until SIGTERM; what is begun is finished.

    `only_live`: in one process, do only what somebody waits for this second. Where at least one such worker runs, a
    slow provider or a mass of mail delays neither alerts nor rotations.
    """
    _set_up_logging(settings, "worker")
    share = (
        ("--pool=solo", f"--queues={LIVE_QUEUE}")
        if only_live
        else (
            f"--concurrency={processes}",
            f"--queues={QUEUE},{MAIL_QUEUE},{LIVE_QUEUE}",
        )
    )
    make_celery(settings).worker_main(
        [
            "worker",
            # A name of its own each time: locks of a worker that died do not hold up the next one.
            f"--hostname=worker-{os.getpid()}@%h",
            *share,
            "--without-gossip",
            "--without-mingle",
            f"--loglevel={settings.log_level}",
        ]
    )


def run_beat(settings: Settings) -> None:
    """Say every few seconds what to look at, if no other beat does. Keeps no file: a restart just begins anew."""
    _set_up_logging(settings, "beat")
    celery = make_celery(settings)
    celery.Beat(scheduler_cls=leading(settings.redis_url), loglevel=settings.log_level, quiet=True).run()


def _set_up_logging(settings: Settings, process: str) -> None:
    logging.set_up(settings.log_level, process)
    for talkative in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
        # Every few seconds: received, done, nothing to do. Tasks themselves say what they did, and what failed.
        getLogger(talkative).setLevel(WARNING)


def _look_at_once(sender: Any, **_facts: object) -> None:
    """Beat lets each interval pass before its first word; what waits since before a restart should not wait longer."""
    with suppress(OperationalError):  # the schedule says it again
        for name, seconds in _EVERY.items():
            sender.app.send_task(name, expires=seconds * 2)


def _keep_our_logging(**_facts: object) -> None:
    """Celery would set up its own; `run_worker` and `run_beat` have done it."""


def _child_begins(**_facts: object) -> None:
    _set_up_logging(load(Settings), "worker")


def _process_ends(**_facts: object) -> None:
    LOOP.close()


signals.setup_logging.connect(_keep_our_logging)
signals.beat_init.connect(_look_at_once)
signals.worker_process_init.connect(_child_begins)
# The first is sent in prefork's children only, the second in the main process only.
signals.worker_process_shutdown.connect(_process_ends)
signals.worker_shutdown.connect(_process_ends)
