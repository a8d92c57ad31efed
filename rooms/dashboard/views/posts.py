"""/posts: what a coordinator writes to a group, to those who are invited to a session, or to everybody."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from config import clock
from config.i18n import LANGUAGES
from config.i18n import marked as _
from rooms.dashboard.views.frame import done, show
from rooms.messages.rules import Audience, PostText
from rooms.messages.service.posts import all_posts, readers, send_post
from rooms.people.service.circles import all_circles, circle_of, members_of
from rooms.schedule.records import Session
from rooms.schedule.service.invitations import invited_to
from rooms.schedule.service.sessions import SEND_DUE, session_of
from rooms.seating.service.board import sessions_between
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of

#: Letters. Longer ones nobody reads on a phone.
_MOST_WORDS = 3000
#: Of sessions that start so long ahead, or did so long ago, the invited can be written to.
_SESSIONS_AHEAD, _SESSIONS_AGO = timedelta(days=30), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class To:
    """Whom a post goes to. `person_ids`: None for everybody."""

    audience: Audience
    circle_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    person_ids: Collection[uuid.UUID] | None = None


async def everything(request: web.Request) -> web.StreamResponse:
    """GET /posts: what was written, to whom, and how many have it."""
    work = work_of(request)
    return await show(
        request,
        "dashboard/posts.html",
        posts=await all_posts(work),
        circles={circle.id: circle.name for circle, _count in await all_circles(work)},
        sessions={session.id: session for session in await _sessions(request)},
    )


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /posts/new: `?to=circle:…` or `?to=session:…` chooses the readers."""
    form = Form({"post": str(uuid.uuid4()), "to": request.query.get("to", Audience.EVERYBODY)})
    return await _show(request, form)


async def write(request: web.Request) -> web.StreamResponse:
    """POST /posts/new: (`do=preview`) show what each reader gets and how many they are, or send it, once."""
    form, work = Form(await request.post()), work_of(request)
    texts = read_texts(form)
    to = await _to(request, form)
    if form.errors or to is None:
        return await _show(request, form, status=422)
    person_ids = await readers(work, to.person_ids)
    if not person_ids:
        form.fail("to", _("Nobody of them gets messages."))
        return await _show(request, form, status=422)
    if form.typed("do") == "preview":
        return await _show(request, form, texts=texts, count=len(person_ids))
    identity = request[IDENTITY]
    await send_post(
        work,
        _post_id(form),
        texts,
        person_ids,
        audience=to.audience,
        circle_id=to.circle_id,
        session_id=to.session_id,
        centre_id=identity.centre,
        actor_id=identity.person,
        now=clock.now(),
    )
    work.wake_worker(SEND_DUE)
    return done("/posts", "post-sent")


def read_texts(form: Form) -> dict[str, PostText]:
    """What was written, by language; what is wrong with it is in the form."""
    texts = {}
    for language in LANGUAGES:
        subject = form.text(f"subject-{language}", most=100, required=False)
        words = "\n".join(line.rstrip() for line in form.typed(f"words-{language}").splitlines())
        if len(words) > _MOST_WORDS:
            form.fail(f"words-{language}", _("This is too long."))
        if subject and not words:
            form.fail(f"words-{language}", _("Please fill this in."))
        if words and not subject:
            form.fail(f"subject-{language}", _("Please fill this in."))
        if subject and words:
            texts[language] = PostText(subject, words)
    if not texts and not form.errors:
        form.fail("words-nb", _("Please write something, in one language at least."))
    return texts


async def _to(request: web.Request, form: Form) -> To | None:
    """Whom was chosen; None, with an error in the form, when that is nobody of this centre."""
    work = work_of(request)
    kind, _colon, text = form.typed("to").partition(":")
    try:
        if kind == Audience.EVERYBODY:
            return To(Audience.EVERYBODY)
        chosen = uuid.UUID(text)
        if kind == Audience.CIRCLE:
            circle = await circle_of(work, chosen)
            return To(Audience.CIRCLE, circle_id=circle.id, person_ids=await members_of(work, circle.id))
        if kind == Audience.SESSION:
            session = await session_of(work, chosen)
            return To(Audience.SESSION, session_id=session.id, person_ids=await invited_to(work, session.id))
    except (ValueError, LookupError):
        pass
    form.fail("to", _("Please choose one."))
    return None


def _post_id(form: Form) -> uuid.UUID:
    try:
        return uuid.UUID(form.typed("post"))
    except ValueError as error:
        raise NotFound from error


async def _sessions(request: web.Request) -> Sequence[Session]:
    now = clock.now()
    found = await sessions_between(work_of(request), now - _SESSIONS_AGO, now + _SESSIONS_AHEAD, now)
    return [one.session for one in found]


async def _show(
    request: web.Request,
    form: Form,
    *,
    texts: Mapping[str, PostText] | None = None,
    count: int = 0,
    status: int = 200,
) -> web.Response:
    return await show(
        request,
        "dashboard/post.html",
        status=status,
        form=form,
        circles=[circle for circle, _count in await all_circles(work_of(request))],
        sessions=await _sessions(request),
        texts=texts,
        count=count,
    )


ROUTES = (
    Route("GET", "/posts", everything, COORDINATORS),
    Route("GET", "/posts/new", blank, COORDINATORS),
    Route("POST", "/posts/new", write, COORDINATORS),
)
