"""The embedded default's mailbox: takes every message by SMTP, gives none away, and shows them on a page."""
