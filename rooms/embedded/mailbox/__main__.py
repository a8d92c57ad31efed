"""`python -m rooms.embedded.mailbox`."""

import asyncio

from config.settings import EmbeddedSettings, load
from rooms.embedded.mailbox.serve import serve


def main() -> None:
    """Run the mailbox on the ports and in the folder that the settings name."""
    settings = load(EmbeddedSettings)
    asyncio.run(serve(settings.sammen_var / "mail", smtp_port=settings.smtp_port, page_port=settings.mailbox_port))


if __name__ == "__main__":
    main()
