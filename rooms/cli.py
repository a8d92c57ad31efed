"""The command line: `sammen up | web | worker | beat | migrate | demo | …`; `sammen --help` names them all."""

import argparse
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

from config.i18n import LANGUAGES
from config.settings import Mode, Settings, WrongSettings, load


def _web(_arguments: argparse.Namespace) -> None:
    import uvloop
    from aiohttp import web

    from config import logging
    from rooms.app import make_app

    settings = load(Settings)
    logging.set_up(settings.log_level, "web")
    uvloop.install()
    web.run_app(
        make_app(settings),
        host=settings.web_host,
        port=settings.web_port,
        print=None,
        access_log=None,
        shutdown_timeout=10,
    )


def _up(_arguments: argparse.Namespace) -> None:
    from rooms.embedded import supervisor

    supervisor.main()


def _worker(arguments: argparse.Namespace) -> None:
    from workers.app import run_worker

    run_worker(load(Settings), processes=2, only_live=arguments.only_live)


def _beat(_arguments: argparse.Namespace) -> None:
    from workers.app import run_beat

    run_beat(load(Settings))


def _migrate(_arguments: argparse.Namespace) -> None:
    from rooms.store.migrate import upgrade
    from rooms.wiring import METADATA

    upgrade(load(Settings).database_url, METADATA)


def _for_the_database() -> Settings:
    """The settings, once every table is known: the tables of one subject point at those of others."""
    import rooms.wiring  # noqa: F401

    return load(Settings)


def _demo(_arguments: argparse.Namespace) -> None:
    import asyncio

    from rooms.embedded import demo

    settings = _for_the_database()
    if settings.sammen_mode is Mode.PRODUCTION:
        sys.exit("The demo is not for production: its people are invented.")
    print(demo.as_text(asyncio.run(demo.show_demo(settings))))


def _coordinator(arguments: argparse.Namespace) -> None:
    import asyncio

    from config import clock
    from rooms.access.service.staff import NewCoordinator, invite_coordinator
    from rooms.people.rules.contact import BadContact
    from rooms.store.opening import opened_store
    from rooms.store.scope import AllCentres

    settings = _for_the_database()
    asked = NewCoordinator(
        arguments.centre, arguments.centre_email, arguments.centre_phone, arguments.name, arguments.email
    )

    async def invite() -> str:
        async with opened_store(settings) as store, store.work(AllCentres("the terminal is above them")) as work:
            return await invite_coordinator(work, asked, settings.key_ring, clock.now())

    try:
        print(settings.public_url + asyncio.run(invite()))
    except BadContact as error:
        sys.exit(str(error))


def _rooms(arguments: argparse.Namespace) -> None:
    import asyncio

    from rooms import terminal

    outcome = asyncio.run(terminal.run(_for_the_database(), arguments))
    print(outcome.text, file=sys.stderr if outcome.code else sys.stdout)
    sys.exit(outcome.code)


def _breakout(arguments: argparse.Namespace) -> None:
    from rooms.breakout import terminal

    text, code = terminal.prepare() if arguments.act == "prepare" else terminal.run(arguments)
    print(text, file=sys.stderr if code else sys.stdout)
    sys.exit(code)


def _messages(_arguments: argparse.Namespace) -> None:
    import asyncio

    from rooms.messages import terminal

    text, code = asyncio.run(terminal.bounce(_for_the_database()))
    print(text, file=sys.stderr if code else sys.stdout)
    sys.exit(code)


_COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], None], str]] = {
    "up": (_up, "run everything on this machine, with a demo"),
    "web": (_web, "answer browsers"),
    "worker": (_worker, "send messages, make and delete rooms"),
    "beat": (_beat, "tell workers every few seconds to look what is due"),
    "demo": (_demo, "make the demo centre and print its links"),
    "rooms": (_rooms, "look at the supply of rooms, and mend it"),
    "breakout": (_breakout, "plan groups from a task in JSON, and prepare for planning"),
    "messages": (_messages, "take in mail that came back"),
    "coordinator": (_coordinator, "make a centre and its first coordinator, and print a sign-in link"),
    "migrate": (_migrate, "bring the database to the newest revision"),
}

_OPTIONS = {"coordinator": ("--centre", "--centre-email", "--centre-phone", "--name", "--email")}


def _rooms_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="for programs: one JSON object")
    acts = command.add_subparsers(dest="act")
    acts.add_parser("retry", help="have every room that waits for its next try made, or deleted, now")
    session = acts.add_parser("session", help="the rooms of one session, with their ids")
    rotate = acts.add_parser("rotate", help="new rooms for a session; everybody in it moves along")
    for act in (session, rotate):
        act.add_argument("session_id", type=uuid.UUID, metavar="SESSION_ID")
    delete = acts.add_parser("delete", help="delete one room at the provider")
    delete.add_argument("room_id", type=uuid.UUID, metavar="ROOM_ID")
    delete.add_argument("--even-so", action="store_true", help="though its session needs it, or somebody is in it")
    acts.add_parser("reconcile", help="compare the provider's rooms with ours now, and mend what differs")


def _breakout_arguments(command: argparse.ArgumentParser) -> None:
    acts = command.add_subparsers(dest="act", required=True)
    plan = acts.add_parser(
        "plan", help="groups for the task that comes in; its form: rooms/breakout/rules/json_form.py"
    )
    plan.add_argument("file", nargs="?", type=Path, help="where the task stands, if it does not come in")
    plan.add_argument("--json", action="store_true", help="for programs: one JSON object")
    plan.add_argument("--language", choices=tuple(LANGUAGES), default="en", help="of what could not be met")
    acts.add_parser("prepare", help="make the planner's machine code, so that nobody waits for it")


def main() -> None:
    """Run one command; a wrong setting is told in plain lines and ends with status 2."""
    parser = argparse.ArgumentParser(prog="sammen", description="Rooms, links, breakouts and guides on video.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_run, text) in _COMMANDS.items():
        command = commands.add_parser(name, help=text)
        for option in _OPTIONS.get(name, ()):
            command.add_argument(option, required=True)
        if name == "worker":
            command.add_argument("--only-live", action="store_true", help="only what somebody waits for this second")
        if name == "rooms":
            _rooms_arguments(command)
        if name == "messages":
            acts = command.add_subparsers(dest="act", required=True)
            acts.add_parser("bounce", help="read one delivery report from standard input, for a mail server's pipe")
        if name == "breakout":
            _breakout_arguments(command)
    arguments = parser.parse_args()
    try:
        _COMMANDS[arguments.command][0](arguments)
    except WrongSettings as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
