"""Chromium as the tests drive it, and the looks that every page gets."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

#: Screenshots land here, to be looked at, when `PICTURES` is set: they take a minute or two of a whole run. The README
#: shows some of them.
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}

_FLAGS = [
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@asynccontextmanager
async def chromium(*, fake_devices: bool = True, more: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Debian's Chromium with a fake camera and microphone (or none). Pages are asked for permission as usual."""
    flags = [*(_FLAGS if fake_devices else _FLAGS[1:]), *more]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", headless=True, chromium_sandbox=False, args=flags
        )
        try:
            yield browser
        finally:
            await browser.close()


async def look(page: Page, name: str) -> None:
    """Fail when the page scrolls sideways on a phone or a desktop. With `PICTURES`, take a picture of both."""
    before = page.viewport_size
    for label, size in (("360", PHONE), ("1280", DESKTOP)):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        wide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        if os.environ.get("PICTURES"):
            await page.screenshot(path=SCREENSHOTS / f"{name}-{label}.png", full_page=True)  # makes the folder
        assert not wide, f"{name} scrolls sideways at {label} px"
    if before is not None:
        await page.set_viewport_size(before)


async def axe_finds_nothing(page: Page) -> None:
    """Fail with axe's own words when the page breaks WCAG 2.1 A or AA."""
    found = await Axe().run(
        page, options={"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    )
    assert found.violations_count == 0, found.generate_report()
