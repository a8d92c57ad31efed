"""The largest XL room that this machine carries, and what each person in it costs Janus and the room server.

    python -m tests.bench.xl [most people]

Real room server, real Janus, real Chromium. The people are made by the room page's own modules, many of them in one
browser page and without tiles, since drawing would cost more than all the rest. Up to nine have a camera on (180 lines,
10 pictures a second) and a microphone that beeps; everybody receives every voice and all nine pictures. Three
decode them; of the others' the pictures are only counted. The browser still shares the machine, so the room would be
larger on a server of its own: Janus's share says by how much.

A room is carried when for ten seconds at least 8 of the 10 pictures a second come, on average, and everybody gets some
of everybody's. Room for room it grows until one is not carried.
"""

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page

from rooms.embedded import janus
from tests.support.browser import chromium
from tests.support.room_server import RoomServer, room_server
from tests.support.waiting import until

SIZES = (6, 12, 18, 24, 30, 40, 50, 60, 75, 100)
CAMERAS, PICTURES_A_SECOND, SECONDS = 9, 10, 10
LEAST_SHARE = 0.8
#: People in the first browser page, who decode, and in each of the others: a page is one thread for all its scripts.
DECODING, A_PAGE = 3, 10

#: Who `decodes` does what a person's browser does; of the others a worker only counts the pictures that come.
_PEOPLE = """async ({ room, count, cameras, origin, decodes }) => {
  const script = `
    const counts = {};
    onrtctransform = ({ transformer: { readable, options } }) => {
      counts[options] = 0;
      readable.pipeTo(new WritableStream({ write() { counts[options] += 1; } }));
    };
    onmessage = () => postMessage(Object.values(counts));`;
  window.counter = decodes ? null : new Worker(URL.createObjectURL(new Blob([script])));
  let lines = 0;
  const onlyCount = ({ receiver, track }) => {
    if (track.kind === "video") receiver.transform = new RTCRtpScriptTransform(window.counter, (lines += 1));
  };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      if (!decodes) this.addEventListener("track", onlyCount);
    }
  };
  const [{ Signalling }, { Media }, { Sfu }] = await Promise.all(
    ["protocol", "media", "sfu"].map((name) => import(`/static/${name}.js`)),
  );
  const constraints = { audio: true, video: { width: 320, height: 180, frameRate: 10 } };
  const source = cameras ? await navigator.mediaDevices.getUserMedia(constraints) : null;
  window.people = [];
  for (let number = 0; number < count; number += 1) {
    const media = new Media(false);
    if (number < cameras) {
      media.audioTrack = source.getAudioTracks()[0].clone();
      media.videoTrack = source.getVideoTracks()[0].clone();
    }
    const hello = () => ({ name: `${origin + number}`, audio: media.audio, video: media.video });
    const signalling = new Signalling(`ws://${location.host}/ws/${room}`, hello);
    const sfu = new Sfu(media, (message) => signalling.send(message), false);
    const heard = {
      welcome: ({ you, peers, ice, sfu: scene }) => sfu.begin(you, peers, ice, scene),
      joined: ({ peer }) => sfu.joined(peer),
      left: ({ id }) => sfu.left(id),
    };
    for (const kind of ["ticket", "connected", "published", "offer", "stage"]) heard[kind] = (said) => sfu[kind](said);
    signalling.addEventListener("message", ({ detail }) =>
      Promise.resolve(heard[detail.t]?.(detail)).catch((error) => console.warn(error)),
    );
    sfu.addEventListener("change", () => {
      const seen = sfu.people().filter(({ isLive }) => isLive).map(({ id }) => id);
      if (seen.length) sfu.watch(seen, []);
    });
    signalling.connect();
    window.people.push(sfu);
  }
}"""
_FRAMES = """async () => {
  if (window.counter) {
    const answer = new Promise((resolve) => (window.counter.onmessage = ({ data }) => resolve(data)));
    window.counter.postMessage("");
    return answer;
  }
  const people = await Promise.all(window.people.map((sfu) => sfu.stats()));
  return people.flat().filter(({ video }) => video).map(({ framesDecoded }) => framesDecoded);
}"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One room: how many pictures a second arrive of each camera, and CPU in percent of one core."""

    people: int
    cameras: int
    pictures: float
    missing: int
    janus: float
    server: float
    machine: float
    seconds: float
    megabytes: float

    @property
    def is_carried(self) -> bool:
        """Whether everybody sees and hears everybody well."""
        return self.pictures >= LEAST_SHARE * PICTURES_A_SECOND and self.missing == 0


async def main() -> int:
    """Measure room after room and print the table. 1 when not even the smallest is carried."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    if janus.find(None) is None:
        print(f"There is no Janus: {janus.INSTALL}")
        return 1
    print(
        "people cameras | pictures/s  missing | Janus %  per person | room server % | machine % | MiB | together after"
    )
    largest = 0
    with tempfile.TemporaryDirectory(prefix="sammen-bench-") as folder:
        async with (
            janus.throwaway() as running,
            room_server(Path(folder), **running.janus.variables, ROOM_SERVER_CAMERAS=str(CAMERAS)) as server,
        ):
            await until(lambda: _has_sfu(server), seconds=20)
            for people in (size for size in SIZES if size <= most):
                async with chromium(more=["--autoplay-policy=no-user-gesture-required"]) as browser:
                    figures = await _measure(browser, server, running, people)
                print(
                    f"{figures.people:6} {figures.cameras:7} | {figures.pictures:10.1f}  {figures.missing:7} | "
                    f"{figures.janus:7.0f}  {figures.janus / figures.people:10.1f} | {figures.server:13.1f} | "
                    f"{figures.machine:9.0f} | {figures.megabytes:3.0f} | {figures.seconds:.1f} s",
                    flush=True,
                )
                if not figures.is_carried:
                    break
                largest = people
    print(f"The largest room that was carried, with all its browsers on this machine: {largest} people.")
    return 0 if largest else 1


async def _measure(browser: Browser, server: RoomServer, running: janus.Running, people: int) -> Figures:
    room = await server.create(roomMode="group")
    cameras = min(CAMERAS, people)
    began = time.monotonic()
    pages = []
    for origin in (0, *range(DECODING, people, A_PAGE)):
        context = await browser.new_context(permissions=["camera", "microphone"])
        page = await context.new_page()
        await page.goto(f"{server.url}/static/too_old.js")  # any page of the server: scripts may be loaded from there
        count = min(A_PAGE if origin else DECODING, people - origin)
        asked = {
            "room": room["roomName"].strip("/"),
            "count": count,
            "cameras": max(0, min(count, cameras - origin)),
            "origin": origin,
            "decodes": origin == 0,
        }
        await page.evaluate(_PEOPLE, asked)
        pages.append(page)
    missing = await _together(pages, people, cameras)
    seconds = time.monotonic() - began
    pids = [running.child.pid, server.process.pid if server.process is not None else 0]
    frames, cpu, busy, at = await _frames(pages), [_cpu(pid) for pid in pids], _busy(), time.monotonic()
    await asyncio.sleep(SECONDS)
    later, cpu_later, busy_later = await _frames(pages), [_cpu(pid) for pid in pids], _busy()
    passed = time.monotonic() - at
    flows = [after - before for before, after in zip(frames, later, strict=True)]
    await server.delete(room["meetingId"])
    return Figures(
        people,
        cameras,
        pictures=sum(flows) / len(flows) / passed if flows else 0,
        missing=max(missing, sum(flow <= 0 for flow in flows)),
        janus=100 * (cpu_later[0] - cpu[0]) / passed,
        server=100 * (cpu_later[1] - cpu[1]) / passed,
        machine=100 * (busy_later - busy) / passed,
        seconds=seconds,
        megabytes=_megabytes(running.child.pid),
    )


async def _together(pages: list[Page], people: int, cameras: int) -> int:
    """Wait until everybody receives every other's picture; the number of those that do not come within a minute."""
    expected = people * cameras - cameras  # nobody receives their own
    came = 0

    async def all_came() -> bool:
        nonlocal came
        came = sum(each > 0 for each in await _frames(pages))
        return came == expected

    try:
        await until(all_came, seconds=60, every=0.5)
    except AssertionError:
        return expected - came
    return 0


async def _frames(pages: list[Page]) -> list[int]:
    """Pictures that have come, of each camera at each person."""
    found: list[list[int]] = await asyncio.gather(*(page.evaluate(_FRAMES) for page in pages))
    return [each for page in found for each in page]


async def _has_sfu(server: RoomServer) -> bool:
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/health") as response:
        told: dict[str, Any] = await response.json()
        return bool(told["sfu"])


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _busy() -> float:
    """Seconds in which processors of this machine were not idle, added up."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(ticks[:8]) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
