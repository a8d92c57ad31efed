"""live.js by itself, with a socket and a clock of the test's making."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.conftest import Client
from tests.rooms.join.conftest import open_page
from tests.support.town import Town

pytestmark = pytest.mark.browser

SET_UP = """async (address) => {
  const { Live } = await import(address);
  window.sockets = [];
  window.told = [];
  class Socket {
    constructor(address) { this.address = address; this.readyState = 0; this.sent = []; window.sockets.push(this); }
    send(text) { this.sent.push(JSON.parse(text).type); }
    close() { this.readyState = 3; }
    opens() { this.readyState = 1; this.onopen(); }
    dies(code) { if (this.onclose) this.onclose({ code }); }
    hears(message) { this.onmessage({ data: JSON.stringify(message) }); }
  }
  window.live = new Live("ws://x/live", {
    changed: (topics) => window.told.push(topics),
    refused: () => window.told.push("refused"),
    Socket,
    random: () => 0.5,
  });
  window.live.start();
}"""


async def prepared(page: Page) -> None:
    module = await page.evaluate("document.querySelector('script[type=module]').src.replace('join.js', 'live.js')")
    await page.clock.install(time=0)
    # An installed clock goes on by itself until it is paused: on a busy machine it runs ahead of the test.
    await page.clock.pause_at(1000)
    await page.evaluate(SET_UP, module)


async def ask(page: Page, what: str) -> Any:
    return await page.evaluate(f"() => {what}")


async def test_it_comes_back_later_and_later_and_asks_what_it_missed(
    devices: Browser, client: Client, town: Town
) -> None:
    async with open_page(devices, client, await town.link(await town.person())) as page:
        await prepared(page)
        for tries, wait in enumerate((500, 1000, 2000), start=1):
            await ask(page, "sockets.at(-1).dies(1006)")
            await page.clock.run_for(wait - 50)
            assert await ask(page, "sockets.length") == tries
            await page.clock.run_for(100)
            assert await ask(page, "sockets.length") == tries + 1
        await ask(page, "sockets.at(-1).opens()")
        await ask(page, "sockets.at(-1).hears({type: 'hello'})")
        assert await ask(page, "told") == [[]]
        await ask(page, "sockets.at(-1).hears({type: 'changed', topics: ['person:1']})")
        await ask(page, "sockets.at(-1).hears({type: 'unheard-of'})")
        await ask(page, "sockets.at(-1).onmessage({data: 'no json'})")
        assert await ask(page, "told") == [[], ["person:1"]]


async def test_what_many_are_told_at_once_they_ask_one_after_the_other(
    devices: Browser, client: Client, town: Town
) -> None:
    async with open_page(devices, client, await town.link(await town.person())) as page:
        await prepared(page)
        await ask(page, "sockets[0].opens()")
        await ask(page, "sockets[0].hears({type: 'changed', topics: [], spread: 10})")
        await page.clock.run_for(4900)
        assert await ask(page, "told") == []
        await page.clock.run_for(200)
        assert await ask(page, "told") == [[]]


async def test_a_socket_that_only_looks_open_is_replaced(devices: Browser, client: Client, town: Town) -> None:
    async with open_page(devices, client, await town.link(await town.person())) as page:
        await prepared(page)
        await ask(page, "sockets[0].opens()")
        await ask(page, "live.here('a-stay')")
        await page.clock.run_for(26_000)
        assert await ask(page, "sockets[0].sent") == ["here", "ping"]
        await ask(page, "sockets[0].hears({type: 'pong'})")
        await page.clock.run_for(24_000)
        assert await ask(page, "sockets.length") == 1
        await page.clock.run_for(12_000)
        assert await ask(page, "sockets.length") == 2
        await ask(page, "sockets[1].opens()")
        assert await ask(page, "sockets[1].sent") == ["here"]


async def test_a_refused_page_stays_away(devices: Browser, client: Client, town: Town) -> None:
    async with open_page(devices, client, await town.link(await town.person())) as page:
        await prepared(page)
        await ask(page, "sockets[0].opens()")
        await ask(page, "sockets[0].dies(4401)")
        await page.clock.run_for(60_000)
        assert await ask(page, "told") == ["refused"]
        assert await ask(page, "sockets.length") == 1
