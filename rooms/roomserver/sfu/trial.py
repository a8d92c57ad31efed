"""Whether an SFU can connect to anybody: tried with an offer of nobody's before people are sent there."""

from rooms.roomserver.sfu.adapter import Sfu

_ROOM = "trial"
_OFFER = "\r\n".join(
    [
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0", "a=mid:0", "a=sendonly", "a=rtcp-mux", "a=ice-ufrag:abcd", f"a=ice-pwd:{'a' * 24}",
        f"a=fingerprint:sha-256 {':'.join(['AA'] * 32)}", "a=setup:actpass", "a=rtpmap:111 opus/48000/2", "",
    ]
)  # fmt: skip


async def try_out(sfu: Sfu) -> None:
    """Let the SFU answer an offer. Raises what it raises when it finds no network to answer from."""
    await sfu.open_room(_ROOM)
    try:
        await sfu.expect(_ROOM, "ticket")
        await sfu.join(_ROOM, "nobody", "ticket")
        await sfu.publish(_ROOM, "nobody", {"type": "offer", "sdp": _OFFER})
    finally:
        await sfu.close_room(_ROOM)
