"""A mailbox on this machine that speaks as much IMAP (RFC 3501) as reading reports takes."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class ImapMailbox:
    """`mails`: by UID. `read`: UIDs that are marked read. While `is_silent`, it takes commands and answers nothing."""

    port: int = 0
    mails: dict[int, bytes] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    sign_ins: int = 0
    is_silent: bool = False

    @property
    def url(self) -> str:
        return f"imap://sammen:open%20sesame@127.0.0.1:{self.port}/Bounces"

    def answer(self, command: str) -> tuple[list[bytes], str]:
        """The untagged answers, and the status."""
        match command.split(maxsplit=1)[0]:
            case "CAPABILITY":
                return [b"* CAPABILITY IMAP4rev1"], "OK"
            case "LOGIN":
                self.sign_ins += 1
                return [], "OK" if command == 'LOGIN sammen "open sesame"' else "NO"
            case "SELECT":
                return [f"* {len(self.mails)} EXISTS".encode()], "OK" if command == 'SELECT "Bounces"' else "NO"
            case "LOGOUT":
                return [b"* BYE"], "OK"
            case _:
                return self._about_mails(command)

    def _about_mails(self, command: str) -> tuple[list[bytes], str]:
        if command == 'UID SEARCH UNSEEN HEADER Content-Type "multipart/report"':
            unread = [uid for uid, raw in self.mails.items() if uid not in self.read and b"multipart/report" in raw]
            return [" ".join(["* SEARCH", *map(str, unread)]).encode()], "OK"
        if found := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            uid, most = map(int, found.groups())
            raw = self.mails[uid][:most]
            return [b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%b)" % (uid, len(raw), raw)], "OK"
        if found := re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command):
            self.read.add(int(found[1]))
            return [], "OK"
        return [], "BAD"


@asynccontextmanager
async def imap_mailbox() -> AsyncIterator[ImapMailbox]:
    mailbox = ImapMailbox()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK here\r\n")
        while line := await reader.readline():
            if mailbox.is_silent:
                continue
            tag, _, command = line.decode().strip().partition(" ")
            untagged, status = mailbox.answer(command)
            writer.write(b"".join(part + b"\r\n" for part in untagged) + f"{tag} {status} done\r\n".encode())
            if command == "LOGOUT":
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mailbox
