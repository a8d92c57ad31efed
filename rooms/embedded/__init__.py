"""The embedded default: everything that the service needs, run privately on this machine under one supervisor."""
