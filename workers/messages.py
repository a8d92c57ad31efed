"""Send what is due: claim a batch, find out what each message says and whether it still holds, send, write it down."""

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

import asyncpg
import structlog

from config import clock
from config.metrics import MESSAGES
from config.settings import Mode
from rooms.messages.channels.calendar import calendar_part
from rooms.messages.channels.email import CONNECTIONS, NotSent
from rooms.messages.channels.mime import Mail, Sender, build, build_with_calendars
from rooms.messages.records import Message
from rooms.messages.rules import Channel, Kind, waits_until, ways
from rooms.messages.service import outbox, pauses
from rooms.messages.service.compose import compose, compose_several, compose_sms
from rooms.messages.service.outbox import Result
from rooms.people.rules.contact import PreferredWay
from rooms.people.service.persons import Addressee
from rooms.store.scope import AllCentres
from rooms.store.wakeups import centre_topic
from workers.letters import Letter, look_up
from workers.loop import Resources
from workers.task import due
from workers.together import together

log = structlog.get_logger(__name__)

_SCOPE = AllCentres("messages of every centre are due")
#: Small, so that a sign-in overtakes a long list within a second or so.
_BATCH = 200
#: Seconds. With the slowest send after it, this ends before a stopping worker is killed and before the lease does.
_NO_NEW_AFTER = 8


@due
async def send_due(resources: Resources) -> bool:
    """Send until nothing is due. True when there may be more than there was time for."""
    async with resources.store.statements(_SCOPE) as statements:
        return await _Round(resources, statements).send()


class _Round:
    """One look at the outbox: as many senders as connections take letters from one pile, which is refilled."""

    def __init__(self, resources: Resources, statements: asyncpg.Connection) -> None:
        self._resources = resources
        self._statements = statements
        self._end = asyncio.get_running_loop().time() + _NO_NEW_AFTER
        self._pile: deque[Letter] = deque()
        #: The look for more that is under way, or the last one.
        self._looking: asyncio.Task[None] | None = None
        #: The last look found nothing.
        self._dry = False
        self._unwritten: list[tuple[Sequence[Result], asyncio.Future[None]]] = []
        self._writing = asyncio.Lock()
        self._stopped = False
        #: Channels of which this worker tries one message, to see whether somebody is there again.
        self._to_try: set[Channel] = set()
        self._centres: set[uuid.UUID] = set()
        self._sent = 0

    async def send(self) -> bool:
        """Run until the pile stays empty, the server is away, or time is up: then True."""
        # One sender's trouble must not break off the others in the middle of a message.
        ends = await asyncio.gather(*(self._keep_sending() for _ in range(CONNECTIONS)), return_exceptions=True)
        if self._looking is not None:
            ends += await asyncio.gather(self._looking, return_exceptions=True)
        left = (each for letter in self._pile for each in _each(Result(letter.message, released=True), letter))
        await self._write(*left)
        async with self._resources.store.work(_SCOPE) as work:
            work.wake_pages(*map(centre_topic, self._centres))
        if self._sent:
            log.info("messages sent", count=self._sent)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return self._out_of_time and not self._stopped

    @property
    def _out_of_time(self) -> bool:
        return asyncio.get_running_loop().time() >= self._end

    async def _keep_sending(self) -> None:
        while (letter := await self._next()) is not None:
            # Written down before the next one is taken, so that a killed worker leaves no more in doubt than it has
            # senders.
            result = await self._send(letter)
            await self._note(*_each(result, letter))
            if result.was_answered and letter.message.channel in self._to_try:
                await self._resume(letter.message.channel)

    async def _next(self) -> Letter | None:
        if self._stopped or self._out_of_time:
            return None
        if not self._pile:
            await self._more()
        elif len(self._pile) <= _BATCH // 2 and not self._dry:
            self._more()  # the database looks while these are sent
        return self._pile.popleft() if self._pile else None

    def _more(self) -> asyncio.Task[None]:
        """The look that is under way; a new one when there is none."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._refill())
        return self._looking

    async def _refill(self) -> None:
        now = clock.now()
        # Taken before the first await: what others send meanwhile is for the next time.
        to_wake, self._centres = self._centres, set()
        async with self._resources.store.work(_SCOPE) as work:
            channels = await pauses.standing(work, now, outbox.LEASE)
            self._to_try |= set(channels.to_try)
            batch = await outbox.claim(work, now=now, limit=_BATCH, channels=channels)
            work.wake_pages(*map(centre_topic, to_wake))
        self._dry = not batch
        if batch:
            async with self._resources.store.work(_SCOPE) as work:
                self._pile.extend(together(await look_up(work, batch, self._resources.settings, now)))

    async def _send(self, letter: Letter) -> Result:
        message, to, facts = letter.message, letter.to, letter.facts
        if to is None or facts is None:
            return Result(message, dropped=True)
        found = ways(
            message.kind,
            to.preferred_way,
            has_email=to.email is not None,
            has_phone=to.phone is not None and self._resources.texter.is_on,
        )
        if (instead := _instead_of_sending(message, to, found)) is not None:
            return instead
        until = waits_until(message.kind, clock.now(), facts.get("starts_at"), to.zone)
        # Who tries the demo in the evening wants to see its e-mail.
        is_quiet = message.channel is Channel.SMS or self._resources.settings.sammen_mode is Mode.PRODUCTION
        if until is not None and is_quiet:
            return Result(message, released=True, not_before=until)
        other = next((way for way in found if way is not message.channel), None)
        try:
            await self._hand_over(letter, to, facts)
        except NotSent as error:
            if error.outage:
                await self._pause(message.channel, error.code)
            return Result(
                message,
                error=error.code,
                permanent=error.permanent,
                released=error.untried,
                over_to=other if message.first_error is None else None,
            )
        except Exception as error:
            log.exception("message not written", kind=message.kind, message_id=str(message.id))
            return Result(message, error=type(error).__name__)
        return Result(message)

    async def _hand_over(self, letter: Letter, to: Addressee, facts: Mapping[str, object]) -> None:
        """Raises NotSent."""
        message = letter.message
        if message.channel is Channel.SMS and to.phone is not None:
            text = compose_sms(message.kind, to.language, facts)
            await self._resources.texter.send(message.id, to.phone, text)
        elif message.channel is Channel.EMAIL and to.email is not None:
            await self._resources.mailer.send(self._written(letter, to, to.email, facts))
        else:
            raise NotSent("no_address", permanent=True)  # they lost the one that it was to go to

    def _written(self, letter: Letter, to: Addressee, address: str, facts: Mapping[str, object]) -> Mail:
        message, settings, now = letter.message, self._resources.settings, clock.now()
        sender = Sender(to.centre_name, settings.mail_from, to.centre_email)
        try:
            calendars = [
                calendar_part(
                    appointment,
                    address,
                    to.name,
                    sender,
                    language=to.language,
                    public_url=settings.public_url,
                    now=now,
                )
                for appointment in letter.appointments
            ]
            if letter.others:
                composed = compose_several(to.language, facts)
                return build_with_calendars(
                    message.id, address, sender, composed, calendars, language=to.language, now=now
                )
            return build(
                message.id,
                address,
                sender,
                compose(message.kind, to.language, facts),
                language=to.language,
                now=now,
                calendar=next(iter(calendars), None),
                can_decline=message.kind is not Kind.SIGN_IN,
            )
        except ValueError as error:
            raise NotSent("bad_address", permanent=True) from error

    async def _pause(self, channel: Channel, error: str) -> None:
        """Let the channel rest. Several senders find out at the same time; the first one says it."""
        if self._stopped:
            return
        self._stopped = True
        async with self._resources.store.work(_SCOPE) as work:
            until = await pauses.pause(work, channel, error, clock.now())
        log.warning("nobody there, channel rests", channel=channel, error=error, until=until.isoformat())

    async def _resume(self, channel: Channel) -> None:
        self._to_try.discard(channel)
        async with self._resources.store.work(_SCOPE) as work:
            await pauses.resume(work, channel)
        log.info("somebody is there again", channel=channel)

    async def _note(self, *results: Result) -> None:
        """Write results down, in one transaction with those that gathered while the last ones were written."""
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unwritten.append((results, noted))
        async with self._writing:
            if noted.done():
                return noted.result()
            gathered, self._unwritten = self._unwritten, []
            try:
                await self._write(*(each for results, _ in gathered for each in results))
            except Exception as error:
                for _, other in gathered:
                    other.set_exception(error)
                    other.exception()  # heard: whoever waits for it may be gone
                raise
            for _, other in gathered:
                other.set_result(None)
        return None

    async def _write(self, *results: Result) -> None:
        now = clock.now()
        if all(result.outcome == "sent" for result in results):
            sent = [result.message.id for result in results]
            await self._statements.execute(outbox.SENT.text, *outbox.SENT.arguments({"sent": sent, "now": now}))
        else:
            async with self._resources.store.work(_SCOPE) as work:
                await outbox.record(work, results, now=now)
        for result in results:
            MESSAGES.labels(result.message.channel, result.outcome).inc()
            self._centres.add(result.message.centre_id)
            self._sent += result.outcome == "sent"


def _each(result: Result, letter: Letter) -> list[Result]:
    """What became of a letter's message became of those that it said too."""
    return [result, *(replace(result, message=other) for other in letter.others)]


def _instead_of_sending(message: Message, to: Addressee, found: Sequence[Channel]) -> Result | None:
    """None when it goes now, by the way that the message says."""
    if not found:
        wanted = to.preferred_way is not PreferredWay.NONE or message.kind is Kind.SIGN_IN
        return Result(message, error="no_address" if wanted else "unwanted", permanent=True)
    chosen = message.channel if message.first_error is not None and message.channel in found else found[0]
    if chosen is not message.channel:
        return Result(message, over_to=chosen, released=True)
    return None
