"""Every metric with its labels, in one list. Labels never hold a person, a link or anything that grows with use."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "sammen_request_seconds",
    "HTTP requests by route pattern",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
SOCKETS = Gauge("sammen_live_sockets", "open live connections of this process")
PROVIDER_CALLS = Counter("sammen_provider_calls_total", "calls to the room provider", ["call", "outcome"])
PROVIDER_POINTS = Gauge("sammen_provider_points_left", "points left in the provider's current minute, as last seen")
MESSAGES = Counter("sammen_messages_total", "messages by channel and outcome", ["channel", "outcome"])
ROOMS = Counter("sammen_rooms_total", "rooms by what happened to them", ["size", "event"])
TASKS = Histogram("sammen_task_seconds", "worker tasks", ["task", "outcome"])
WEBHOOKS = Counter("sammen_provider_events_total", "webhooks in, by type and outcome", ["type", "outcome"])
ROOM_DIFFERENCES = Counter("sammen_room_differences_total", "rooms that the provider and we disagreed on", ["kind"])
