"""/cards: conversation cards by level, as a centre has them: changed, hidden, of its own, and back to how they were."""

from datetime import datetime

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock
from config.i18n import marked as _
from rooms.breakout.rules.cards import ANSWER_FREELY
from rooms.breakout.rules.ready_cards import READY_CARDS
from rooms.breakout.service.cards import CardFacts, CentreCard, all_cards, card_of, restore_card, save_card
from rooms.dashboard.views import words
from rooms.dashboard.views.frame import done, show
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of

_MOST_QUESTIONS = 12
_LONGEST_QUESTION = 200
_LEVELS = frozenset(str(level) for level in words.LEVELS)


async def everything(request: web.Request) -> web.StreamResponse:
    """GET /cards: all of them, by level; hidden ones too."""
    cards = await all_cards(work_of(request))
    by_level = {level: [card for card in cards if card.level == level] for level in words.LEVELS}
    return await show(request, "dashboard/cards.html", by_level=by_level, answer_freely=ANSWER_FREELY)


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /cards/new: an empty form; `?level=` is chosen already."""
    return await _show(request, Form({"level": request.query.get("level", "1")}))


async def look(request: web.Request) -> web.StreamResponse:
    """GET /cards/{name}: what stands on it, in the form that changes it."""
    card = await _card(request)
    return await _show(request, _filled(card), card=card)


async def save(request: web.Request) -> web.StreamResponse:
    """POST /cards/new and /cards/{name}. When somebody else saved meanwhile: 409, and nothing typed is lost."""
    card = await _card(request) if "name" in request.match_info else None
    form = Form(await request.post())
    facts = read_card(form)
    if facts is None:
        return await _show(request, form, card=card, status=422)
    work, identity = work_of(request), request[IDENTITY]
    try:
        await save_card(
            work,
            card.name if card else None,
            facts,
            seen_at=_moment(form.typed("changed_at")),
            centre_id=identity.centre,
            actor_id=identity.person,
            now=clock.now(),
        )
    except StaleDataError:
        await work.session.rollback()
        return await _show(request, form, card=await _card(request), conflict=True, status=409)
    return done("/cards", "saved" if card else "added")


def read_card(form: Form) -> CardFacts | None:
    """What the form says; None, with errors in the form, when it cannot be so. A line is a question."""
    level = form.choice("level", _LEVELS)
    topic = form.text("topic", most=60)
    questions = [line for line in (line.strip() for line in form.text("questions", most=4000).splitlines()) if line]
    if len(questions) > _MOST_QUESTIONS:
        form.fail("questions", _("Twelve questions at most, or nobody finds the one they want."))
    if any(len(question) > _LONGEST_QUESTION for question in questions):
        form.fail("questions", _("One of the questions is too long. Make two of it."))
    if form.errors:
        return None
    return CardFacts(int(level), topic, questions, is_hidden=form.typed("is_hidden") == "yes")


async def restore(request: web.Request) -> web.StreamResponse:
    """POST /cards/{name}/restore: the ready-made card again; one of the centre's own is deleted."""
    card = await _card(request)
    identity = request[IDENTITY]
    await restore_card(
        work_of(request), card.name, centre_id=identity.centre, actor_id=identity.person, now=clock.now()
    )
    return done("/cards", "card-restored" if card.is_ready_made else "card-deleted")


async def _card(request: web.Request) -> CentreCard:
    try:
        return await card_of(work_of(request), request.match_info["name"])
    except LookupError as error:
        raise NotFound from error


def _moment(typed: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _filled(card: CentreCard) -> Form:
    return Form(
        {
            "level": str(card.level),
            "topic": card.topic,
            "questions": "\n".join(card.questions),
            "is_hidden": "yes" if card.is_hidden else "",
            "changed_at": card.changed_at.isoformat() if card.changed_at else "",
        }
    )


async def _show(
    request: web.Request, form: Form, *, card: CentreCard | None = None, conflict: bool = False, status: int = 200
) -> web.Response:
    return await show(
        request,
        "dashboard/card.html",
        status=status,
        form=form,
        card=card,
        conflict=conflict,
        original=READY_CARDS.get(card.name) if card else None,
        answer_freely=ANSWER_FREELY,
    )


ROUTES = (
    Route("GET", "/cards", everything, COORDINATORS),
    Route("GET", "/cards/new", blank, COORDINATORS),
    Route("POST", "/cards/new", save, COORDINATORS),
    Route("GET", "/cards/{name}", look, COORDINATORS),
    Route("POST", "/cards/{name}", save, COORDINATORS),
    Route("POST", "/cards/{name}/restore", restore, COORDINATORS),
)
