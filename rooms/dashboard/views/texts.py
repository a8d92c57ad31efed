"""/texts: what messages say, in the centre's own words where it has some."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from config.i18n import LANGUAGES, gettext
from rooms.dashboard.views.frame import done, show
from rooms.dashboard.views.message_words import KINDS
from rooms.messages.records import MessageText
from rooms.messages.rules import Composed, Kind
from rooms.messages.service.compose import compose, standard_words
from rooms.messages.service.texts import all_texts, restore_text, save_text
from rooms.messages.wording import EDITABLE, PLACEHOLDERS, OwnWords, allowed, cleaned, problems, required, unknown
from rooms.people.service.centres import centre
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.respond import go_to
from rooms.web.work import work_of


async def everything(request: web.Request) -> web.StreamResponse:
    """GET /texts: each kind of message in each language, and which of them the centre has worded itself."""
    return await show(
        request,
        "dashboard/texts.html",
        kinds={kind: KINDS[kind] for kind in EDITABLE},
        own=await all_texts(work_of(request)),
    )


async def preview(request: web.Request) -> web.StreamResponse:
    """GET /texts/preview?kind=…: what an example person would get now, in every language."""
    kind = _kind(request)
    if kind is None:
        return go_to("/texts")
    own, facts = await all_texts(work_of(request)), await _example(request)
    messages = {}
    for language in LANGUAGES:
        text = own.get((kind, language))
        messages[language] = _composed(kind, language, facts, _words(text) if text is not None else None)
    return await show(
        request, "dashboard/texts_preview.html", kind=kind, kind_name=KINDS[kind], messages=messages, own=own
    )


async def look(request: web.Request) -> web.StreamResponse:
    """GET /texts/edit?kind=…&language=…: what it says now, in the form that changes it."""
    kind, language = _kind(request), request.query.get("language", "")
    if kind is None or language not in LANGUAGES:
        return go_to("/texts")
    text = (await all_texts(work_of(request))).get((kind, language))
    words = _words(text) if text is not None else standard_words(kind, language)
    version = str(text.version if text is not None else 0)
    form = Form({"subject": words.subject, "body": words.body, "version": version})
    return await _show(request, kind, language, form, words=words, text=text)


async def save(request: web.Request) -> web.StreamResponse:
    """POST /texts/edit?kind=…&language=…: save what was typed, or (`do=preview`) only show what it would look like.

    Nothing that cannot be sent is saved. When somebody else saved meanwhile: 409, and nothing typed is lost.
    """
    kind, language = _kind(request), request.query.get("language", "")
    if kind is None or language not in LANGUAGES:
        return go_to("/texts")
    form = Form(await request.post())
    words = read_words(form, kind)
    version = form.number("version", least=0, most=2**31 - 1)
    work, identity = work_of(request), request[IDENTITY]
    text = (await all_texts(work)).get((kind, language))
    if form.errors or form.typed("do") == "preview":
        status = 422 if form.errors else 200
        return await _show(request, kind, language, form, words=words, text=text, status=status)
    try:
        await save_text(
            work,
            kind,
            language,
            words,
            version=version,
            centre_id=identity.centre,
            actor_id=identity.person,
            now=clock.now(),
        )
    except StaleDataError:
        await work.session.rollback()
        text = (await all_texts(work)).get((kind, language))
        return await _show(request, kind, language, form, words=words, text=text, conflict=True, status=409)
    return done("/texts", "saved")


def read_words(form: Form, kind: Kind) -> OwnWords:
    """What the form says; what is wrong with it is in the form."""
    words = OwnWords(cleaned(form.typed("subject")), cleaned(form.typed("body")))
    for field, problem in problems(kind, words).items():
        form.fail(field, problem)
    return words


async def restore(request: web.Request) -> web.StreamResponse:
    """POST /texts/restore?kind=…&language=…: the standard text again."""
    kind, language = _kind(request), request.query.get("language", "")
    if kind is None or language not in LANGUAGES:
        return go_to("/texts")
    identity = request[IDENTITY]
    await restore_text(
        work_of(request), kind, language, centre_id=identity.centre, actor_id=identity.person, now=clock.now()
    )
    return done("/texts", "text-restored")


def _kind(request: web.Request) -> Kind | None:
    return next((kind for kind in EDITABLE if kind == request.query.get("kind")), None)


def _words(text: MessageText) -> OwnWords:
    return OwnWords(text.subject, text.body)


async def _example(request: web.Request) -> dict[str, object]:
    """The facts of a message to somebody who is none: of a session tomorrow at six in the evening."""
    here = await centre(work_of(request), request[IDENTITY].centre)
    starts_at: datetime = clock.local(clock.now() + timedelta(days=1)).replace(hour=18, minute=0)
    return {
        "name": "Amina",
        "centre_name": here.name,
        "centre_phone": here.phone,
        "title": "Språktrening",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "people": [
            {"name": "Olha", "languages": "Українська", "level": "A1"},
            {"name": "Yusuf", "languages": "Soomaali", "level": "A2"},
        ],
    }


def _composed(kind: Kind, language: str, facts: Mapping[str, object], words: OwnWords | None) -> Composed:
    link = gettext(language, "(here stands the reader's own link)")
    return compose(kind, language, {**facts, "link": link, "own_words": words})


async def _show(
    request: web.Request,
    kind: Kind,
    language: str,
    form: Form,
    *,
    words: OwnWords,
    text: MessageText | None,
    conflict: bool = False,
    status: int = 200,
) -> web.Response:
    facts = await _example(request)
    return await show(
        request,
        "dashboard/text.html",
        status=status,
        form=form,
        kind=kind,
        kind_name=KINDS[kind],
        reader=LANGUAGES[language],
        text=text,
        conflict=conflict,
        places={name: PLACEHOLDERS[name] for name in allowed(kind)},
        needed=required(kind),
        not_known=unknown(kind, f"{words.subject}\n{words.body}"),
        message=None if problems(kind, words) else _composed(kind, language, facts, words),
        standard_message=_composed(kind, language, facts, None),
    )


ROUTES = (
    Route("GET", "/texts", everything, COORDINATORS),
    Route("GET", "/texts/preview", preview, COORDINATORS),
    Route("GET", "/texts/edit", look, COORDINATORS),
    Route("POST", "/texts/edit", save, COORDINATORS),
    Route("POST", "/texts/restore", restore, COORDINATORS),
)
