"""/people/new and /people/{id}: add somebody, look somebody up, correct what is written."""

import uuid

from aiohttp import web
from sqlalchemy.orm.exc import StaleDataError

from config import clock, i18n
from config.i18n import marked as _
from rooms.dashboard.views import words
from rooms.dashboard.views.filled import Filled
from rooms.dashboard.views.frame import done, id_in, session_in_query, show
from rooms.people.records.persons import Person
from rooms.people.rules.contact import BadContact, PreferredWay, email_address, phone_number
from rooms.people.rules.languages import SPOKEN
from rooms.people.rules.roles import Company
from rooms.people.service.company import company_circles
from rooms.people.service.consent import consents_of
from rooms.people.service.persons import (
    EmailTaken,
    NotTheirCircle,
    PersonFacts,
    add_person,
    change_person,
    person_of,
)
from rooms.people.service.remarks import count_remarks
from rooms.seating.service.person_history import history_of
from rooms.web.errors import NotFound
from rooms.web.forms import Form
from rooms.web.guard import COORDINATORS, Route
from rooms.web.keys import IDENTITY
from rooms.web.work import work_of

#: Norwegian has its level instead.
MOTHER_TONGUES = {code: name for code, name in SPOKEN.items() if code != "no"}


async def blank(request: web.Request) -> web.StreamResponse:
    """GET /people/new: an empty form."""
    return await show_person(request, Form({"ui_language": i18n.DEFAULT}))


async def add(request: web.Request) -> web.StreamResponse:
    """POST /people/new. With `next` the empty form comes again, for the next one."""
    form = Form(await request.post())
    facts = read_person(form)
    if facts is None:
        return await show_person(request, form, status=422)
    identity = request[IDENTITY]
    try:
        person = await add_person(
            work_of(request), facts, centre_id=identity.centre, actor_id=identity.person, now=clock.now()
        )
    except NotTheirCircle:
        form.fail("company", _("Please choose one."))
        return await show_person(request, form, status=422)
    return done("/people/new" if form.typed("next") else f"/people/{person.id}", "added")


async def look(request: web.Request) -> web.StreamResponse:
    """GET /people/{id}: what is known of them, in the form that changes it."""
    person = await person_in(request)
    return await show_person(request, filled(person), person=person)


async def save(request: web.Request) -> web.StreamResponse:
    """POST /people/{id}. When somebody else saved meanwhile: 409 with both, and nothing typed is lost."""
    person_id = id_in(request)
    form = Form(await request.post())
    facts = read_person(form)
    version = form.number("version", least=1, most=2**31 - 1)
    if facts is None or form.errors:
        return await show_person(request, form, person=await person_in(request), status=422)
    work = work_of(request)
    try:
        await change_person(work, person_id, facts, version=version, actor_id=request[IDENTITY].person, now=clock.now())
    except LookupError as error:
        raise NotFound from error
    except NotTheirCircle:
        form.fail("company", _("Please choose one."))
        return await show_person(request, form, person=await person_in(request), status=422)
    except EmailTaken:
        await work.session.rollback()
        form.fail("email", _("Another coordinator signs in with this address."))
        return await show_person(request, form, person=await person_in(request), status=422)
    except StaleDataError:
        await work.session.rollback()
        return await show_person(request, form, person=await person_in(request), conflict=True, status=409)
    return done(f"/people/{person_id}", "saved")


def read_person(form: Form) -> PersonFacts | None:
    """What the form says; None, with errors in the form, when it cannot be so."""
    name = form.text("name", most=100)
    mother_tongue = form.choice("mother_tongue", MOTHER_TONGUES, required=False)
    level = form.choice("norwegian_level", {str(level): name for level, name in words.LEVELS.items()}, required=False)
    ui_language = form.choice("ui_language", i18n.LANGUAGES)
    email = form.text("email", most=254, required=False)
    phone = form.text("phone", most=40, required=False)
    preferred_way = form.choice("preferred_way", frozenset(PreferredWay), required=False)
    company, circle_id = _company(form)
    is_woman = form.typed("is_woman") == "yes"
    if company is Company.WOMEN and not is_woman:
        form.fail("company", _("Whoever sits with women only is a woman: tick that too."))
    others = [code for code in form.chosen("languages") if code in MOTHER_TONGUES and code != mother_tongue]
    if email:
        try:
            email = email_address(email)
        except BadContact:
            form.fail("email", _("This does not look like an e-mail address."))
    if phone:
        try:
            phone = phone_number(phone)
        except BadContact:
            form.fail("phone", _("This does not look like a phone number."))
    if form.errors:
        return None
    return PersonFacts(
        name=name,
        ui_language=ui_language,
        languages=[*([mother_tongue] if mother_tongue else []), *others],
        norwegian_level=int(level) if level else None,
        email=email or None,
        phone=phone or None,
        is_guide=form.typed("is_guide") == "yes",
        company=company,
        company_circle_id=circle_id,
        is_woman=is_woman,
        wants_open_now=form.typed("wants_open_now") == "yes",
        preferred_way=PreferredWay(preferred_way or PreferredWay.EMAIL),
    )


def _company(form: Form) -> tuple[Company, uuid.UUID | None]:
    """The field holds `anyone`, `women`, or the id of a circle."""
    typed = form.typed("company") or Company.ANYONE
    if typed in {Company.ANYONE, Company.WOMEN}:
        return Company(typed), None
    try:
        return Company.CIRCLE, uuid.UUID(typed)
    except ValueError:
        form.fail("company", _("Please choose one."))
        return Company.ANYONE, None


async def person_in(request: web.Request) -> Person:
    """The person of the address. Raises NotFound."""
    try:
        return await person_of(work_of(request), id_in(request))
    except LookupError as error:
        raise NotFound from error


def filled(person: Person) -> Form:
    """The form with what is known of somebody."""
    return Form(
        Filled(
            name=person.name,
            mother_tongue=person.languages[0] if person.languages else "",
            languages=person.languages[1:],
            norwegian_level=str(person.norwegian_level or ""),
            email=person.email or "",
            phone=person.phone or "",
            ui_language=person.ui_language,
            is_guide="yes" if person.is_guide else "",
            company=str(person.company_circle_id or person.company.value),
            is_woman="yes" if person.is_woman else "",
            preferred_way=person.preferred_way.value,
            wants_open_now="yes" if person.wants_open_now else "",
        )
    )


async def show_person(
    request: web.Request,
    form: Form,
    *,
    person: Person | None = None,
    conflict: bool = False,
    status: int = 200,
) -> web.Response:
    """The page of a person, or of somebody new, with what was typed."""
    work = work_of(request)
    return await show(
        request,
        "dashboard/person.html",
        status=status,
        form=form,
        person=person,
        conflict=conflict,
        mother_tongues=MOTHER_TONGUES,
        circles=await company_circles(work, person) if person is not None else [],
        history=await history_of(work, person.id) if person is not None else [],
        consents=await consents_of(work, person.id) if person is not None else [],
        remarks=await count_remarks(work, person.id) if person is not None else 0,
        now=clock.now(),
        from_session=session_in_query(request),
    )


ROUTES = (
    Route("GET", "/people/new", blank, COORDINATORS),
    Route("POST", "/people/new", add, COORDINATORS),
    Route("GET", "/people/{id}", look, COORDINATORS),
    Route("POST", "/people/{id}", save, COORDINATORS),
)
