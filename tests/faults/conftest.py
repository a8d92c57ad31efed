"""The same mailbox, provider and settings as the workers' own tests have."""

from tests.workers.conftest import mailbox, provider, worker_settings

__all__ = ["mailbox", "provider", "worker_settings"]
