"""Structured logging: an event's name is a constant, facts are fields, and secrets and people are taken out.

The code never logs a name, a number or a link on purpose; the scrubber here is the second line, for what a library's
exception text may carry along.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SCRUB = (
    (re.compile(r"//[^/\s]*@"), "//…@"),
    (re.compile(r"/(l|sign-in|calendar)/[A-Za-z0-9_-]{6,}"), r"/\1/…"),
    (re.compile(r"(?i)(roomKey|token|code|key|password|secret)=[^&\s\"']+"), r"\1=…"),
    (re.compile(r"\bey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"), "jwt…"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
    # Phone numbers with whatever people put between the digits, and IP addresses; a date may stay.
    (re.compile(r"(?<!\d)(?!\d{4}-\d\d-\d\d)\+?\d[\d ().-]{6,}\d"), "…number…"),
)
#: Fields that hold identifiers of ours (UUIDs, counts, times) and must survive the scrubbing of long numbers.
_KEPT = {"timestamp", "level", "request_id", "task_id"}


def scrub(text: str) -> str:
    """`text` without links, tokens, addresses of people, phone numbers and passwords in URLs."""
    for pattern, instead in _SCRUB:
        text = pattern.sub(instead, text)
    return text


def _scrub_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key not in _KEPT and not key.endswith("_id"):
            event[key] = _clean(value)
    return event


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {_clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(inner) for inner in value]
    return scrub(value if isinstance(value, str) else str(value))


def set_up(level: str, process: str) -> None:
    """Send structlog and the standard library's loggers to stderr as one JSON object a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _scrub_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "aiohttp.access", "celery.utils.functional", "amqp"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
