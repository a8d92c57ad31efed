"""What gateways say became of an SMS."""

#: The words of SMPP 3.4 (5.2.28) and of Nordic gateways, in lower case. All others say that it is still on its way.
_ARRIVED = frozenset({"delivered", "delivrd", "success"})
_LOST = frozenset({"failed", "undelivered", "undeliverable", "undeliv", "rejected", "rejectd", "expired", "deleted"})


def arrived(status: str) -> bool | None:
    """True: it is on the phone. False: it never will be. None: nobody knows yet, or the word is unknown."""
    word = status.strip().lower()
    if word in _ARRIVED:
        return True
    return False if word in _LOST else None
