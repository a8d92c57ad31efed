"""What is stored, as if it had been posted: for forms that show it."""


class Filled(dict[str, object]):
    """Values by field; a list where a field may come several times."""

    def getall(self, name: str, default: list[str]) -> list[str]:
        """All values of a field, as a posted form has them: one, too, is a list."""
        values = self.get(name, default)
        return values if isinstance(values, list) else [str(values)]
