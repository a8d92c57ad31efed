"""Headers of every answer: what a page may load and whom it may show, and that nothing of ours is kept or leaked."""

from collections.abc import Sequence


def security_headers(room_hosts: Sequence[str], public_url: str) -> dict[str, str]:
    """Content-Security-Policy and its kin.

    Rooms of the given hosts may be framed and use camera and microphone; nobody may frame us. `Referrer-Policy` keeps
    personal links out of other servers' logs.
    """
    rooms = " ".join(room_hosts)
    https = public_url.startswith("https://")
    # Spelled out because Safari before 15.4 does not count WebSockets in 'self'.
    sockets = public_url.replace("http", "ws", 1)
    # Permissions-Policy wants whole origins. Rooms of the embedded server are reached by plain http on this machine.
    origins = " ".join(
        f'"{"http" if "localhost" in host or "127.0.0.1" in host else "https"}://{host}"' for host in room_hosts
    )
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            f"connect-src 'self' {sockets}; media-src 'self' blob: mediastream:; frame-src {rooms}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
        ),
        "Permissions-Policy": (
            f"camera=(self {origins}), microphone=(self {origins}), fullscreen=(self {origins}), "
            f"display-capture=(self {origins}), autoplay=(self {origins}), geolocation=(), payment=(), usb=()"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=63072000"
    return headers
