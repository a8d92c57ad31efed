"""A private Janus, the media server that XL rooms run on: this machine's own program, under a configuration of ours.

Debian's configuration is not used: it listens everywhere with a secret that everybody knows. Ours has secrets that are
new with each run, one plugin and one way in, a Unix socket that only we can reach. The media ports stay open to the
network, since browsers send their sound and pictures there; Janus takes nothing there that it was not told to expect.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rooms.embedded import places, processes
from rooms.embedded.processes import Account, CannotStart, Child

INSTALL = "apt-get install janus"
_SOCKET = "janus.sock"
_START_TIME = 20
_CORE = """general: {{
    api_secret = "{api_secret}"
    admin_secret = "{admin_secret}"
    debug_level = 2
    debug_colors = false
    debug_timestamps = true
    server_name = "sammen"
    hide_dependencies = true
}}
media: {{
    rtp_port_range = "{media_ports}"
    ipv6 = true
}}
nat: {{
    ice_lite = true
    full_trickle = false
    ignore_mdns = true
}}
plugins: {{
    disable = "{other_plugins}"
}}
transports: {{
    disable = "{other_transports}"
}}
events: {{
    broadcast = false
}}
loggers: {{
    disable = "libjanus_jsonlog.so"
}}
"""
_VIDEOROOM = """general: {{
    admin_key = "{admin_key}"
    lock_rtp_forward = true
    string_ids = true
    events = false
}}
"""
_WEBSOCKETS = """general: {{
    json = "compact"
    ws = true
    ws_unix = "{socket}"
    wss = false
}}
admin: {{
    admin_ws = false
    admin_wss = false
}}
"""
_OTHER_PLUGINS = (
    "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom", "videocall",
    "voicemail",
)  # fmt: skip
_OTHER_TRANSPORTS = ("http", "mqtt", "nanomsg", "pfunix", "rabbitmq")


def find(chosen: Path | None) -> Path | None:
    """The program: the chosen one, or what this machine has. Raises CannotStart when the chosen one is not there."""
    if chosen is not None:
        if not os.access(chosen, os.X_OK):
            raise CannotStart(f"JANUS_BIN: {chosen} is no program")
        return chosen
    found = shutil.which("janus")
    return Path(found) if found else None


@dataclass(frozen=True, slots=True)
class Janus:
    """A Janus that is ready to be started, as often as it falls, with the same secrets."""

    binary: Path
    folder: Path
    socket: Path
    account: Account | None
    api_secret: str
    admin_key: str

    @property
    def variables(self) -> dict[str, str]:
        """What the room server has to be told."""
        return {
            "ROOM_SERVER_JANUS_URL": f"unix://{self.socket}",
            "ROOM_SERVER_JANUS_SECRET": self.api_secret,
            "ROOM_SERVER_JANUS_ADMIN_KEY": self.admin_key,
        }


@dataclass(frozen=True, slots=True)
class Running:
    """A running Janus."""

    janus: Janus
    child: Child

    async def stop(self) -> bool:
        """Hang up on everybody and end. True if it went by itself within 5 seconds."""
        willing = await self.child.stop(patience=5)
        places.forget_sockets(self.janus.folder, self.janus.account)
        return willing


def prepare(folder: Path, binary: Path, media_ports: str) -> Janus:
    """Write a new configuration into `folder` (made when missing). `media_ports` is a range of UDP ports, "from-to".

    Nobody else may use `folder` meanwhile. Raises CannotStart.
    """
    account = places.unprivileged_account()
    place = places.reachable(folder.absolute(), account)
    sockets = places.socket_folder(place, _SOCKET, account)
    janus = Janus(
        binary, place, sockets / _SOCKET, account, api_secret=secrets.token_hex(24), admin_key=secrets.token_hex(24)
    )
    core = _CORE.format(
        api_secret=janus.api_secret,
        admin_secret=secrets.token_hex(24),
        media_ports=media_ports,
        other_plugins=_libraries(_OTHER_PLUGINS),
        other_transports=_libraries(_OTHER_TRANSPORTS),
    )
    configuration = places.private(place / "configuration", account)
    _write(configuration / "janus.jcfg", core, account)
    _write(configuration / "janus.plugin.videoroom.jcfg", _VIDEOROOM.format(admin_key=janus.admin_key), account)
    _write(configuration / "janus.transport.websockets.jcfg", _WEBSOCKETS.format(socket=janus.socket), account)
    return janus


async def start(janus: Janus, *, log: Path) -> Running:
    """Start it and wait until it can be spoken to. Raises CannotStart."""
    await processes.until_unused(janus.folder)
    places.socket_folder(janus.folder, _SOCKET, janus.account)
    janus.socket.unlink(missing_ok=True)  # of an earlier life, which nobody listens at
    child = await processes.start(
        "Janus",
        [janus.binary, "--disable-colors", f"--configs-folder={janus.folder / 'configuration'}"],
        log=log,
        environment={},
        folder=janus.folder,
        account=janus.account,
    )
    running = Running(janus, child)
    try:
        await processes.until_ready(child, lambda: _listens(janus.socket), _START_TIME)
    except BaseException:
        await running.stop()
        raise
    return running


@asynccontextmanager
async def throwaway(media_ports: str = "20000-29999") -> AsyncIterator[Running]:
    """For tests: a running Janus with a folder that is removed afterwards. Raises CannotStart where there is none."""
    binary = find(None)
    if binary is None:
        raise CannotStart(f"this machine has no Janus: {INSTALL}")
    with tempfile.TemporaryDirectory(prefix="sammen-test-") as folder:
        Path(folder).chmod(0o711)  # our own new folder, which the account of Janus has to pass
        running = await start(prepare(Path(folder) / "janus", binary, media_ports), log=Path(folder) / "janus.log")
        try:
            yield running
        finally:
            await running.stop()


def _libraries(names: tuple[str, ...]) -> str:
    return ",".join(f"libjanus_{name}.so" for name in names)


def _write(path: Path, text: str, account: Account | None) -> None:
    """Write a file that holds secrets: for its owner only from the first moment on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    if account:
        os.chown(path, account.uid, account.gid)


async def _listens(socket: Path) -> bool:
    try:
        async with asyncio.timeout(2):
            _, writer = await asyncio.open_unix_connection(str(socket))
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    return True
