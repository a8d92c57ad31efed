"""What is stored, as if it had been posted: for forms that show it."""


class Filled(dict[str, object]):
    """Values by field; a list where a field may come several times."""

    def getall(self, name: str, default: list[str]) -> list[str]:
        """All values of a field that may come several times."""
        values = self.get(name, default)
        return values if isinstance(values, list) else default
