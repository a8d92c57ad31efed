"""With whom somebody sits in small groups, as the forms of people and groups have it."""

import re

import pytest
from sqlalchemy import select, update

from rooms.breakout.service.people import knowledge_of
from rooms.people.records.circles import Circle
from rooms.people.records.persons import Person
from rooms.people.rules.roles import Company
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.lively import circle_of
from tests.support.town import Town

AMINA: dict[str, str | list[str]] = {"name": "Amina", "mother_tongue": "ar", "ui_language": "ar"}


async def closed_circle(klepp: Town, name: str, *members: Person) -> Circle:
    circle = await circle_of(klepp, name, *members)
    async with klepp.work() as work:
        await work.session.execute(update(Circle).where(Circle.id == circle.id).values(is_closed=True))
    return circle


async def kept(klepp: Town, person: Person) -> tuple[Company, object, bool]:
    async with klepp.work() as work:
        found = await work.session.get_one(Person, person.id)
        return found.company, found.company_circle_id, found.is_woman


async def version_of(klepp: Town, person: Person) -> str:
    async with klepp.work() as work:
        return str(await work.session.scalar(select(Person.version).where(Person.id == person.id)))


async def test_anyone_unless_somebody_says_otherwise(post: Post, klepp: Town, cast: Cast) -> None:
    assert (await post(f"/people/{cast.amina.id}", version="1", **AMINA)).status == 303
    assert await kept(klepp, cast.amina) == (Company.ANYONE, None, False)


async def test_women_only(post: Post, kari: Client, klepp: Town, cast: Cast) -> None:
    path = f"/people/{cast.amina.id}"
    forgotten = await post(path, version="1", company="women", **AMINA)
    assert forgotten.status == 422
    assert "Whoever sits with women only is a woman" in await forgotten.text()
    assert (await post(path, version="1", company="women", is_woman="yes", **AMINA)).status == 303
    assert await kept(klepp, cast.amina) == (Company.WOMEN, None, True)
    text = await (await kari.get(path)).text()
    assert re.search(r'<option value="women" selected', text)
    assert re.search(r'id="is_woman"[^>]*\schecked', text)


async def test_a_new_person_can_be_kept_to_women_and_to_no_group_yet(post: Post, klepp: Town, cast: Cast) -> None:
    circle = await closed_circle(klepp, "Kvinnegruppa", cast.guide)
    facts = AMINA | {"name": "Olha"}
    assert (await post("/people/new", **facts, company=str(circle.id))).status == 422
    assert (await post("/people/new", **facts, company="women", is_woman="yes")).status == 303
    async with klepp.work() as work:
        olha = (await work.session.scalars(select(Person).where(Person.name == "Olha"))).one()
    assert (olha.company, olha.is_woman) == (Company.WOMEN, True)


async def test_members_of_a_closed_group_they_are_in(post: Post, kari: Client, klepp: Town, cast: Cast) -> None:
    circle = await closed_circle(klepp, "Kvinnegruppa", cast.amina, cast.guide)
    not_theirs = await closed_circle(klepp, "Mannsgruppa", cast.yusuf)
    open_to_all = await circle_of(klepp, "Kafeen", cast.amina)
    path = f"/people/{cast.amina.id}"
    text = await (await kari.get(path)).text()
    assert "Only members of Kvinnegruppa" in text
    assert "Mannsgruppa" not in text
    assert "Only members of Kafeen" not in text
    for wrong in (str(not_theirs.id), str(open_to_all.id), "circle", "nobody"):
        answer = await post(path, version="1", company=wrong, **AMINA)
        assert answer.status == 422
        assert "Sits in small groups with: Please choose one." in await answer.text()
    assert (await post(path, version="1", company=str(circle.id), **AMINA)).status == 303
    assert await kept(klepp, cast.amina) == (Company.CIRCLE, circle.id, False)
    assert (await post(path, version="2", company="anyone", **AMINA)).status == 303
    assert await kept(klepp, cast.amina) == (Company.ANYONE, None, False)


@pytest.mark.parametrize("what", ["leaves", "is opened"])
async def test_nobodys_protection_ends_as_a_side_effect(
    post: Post, kari: Client, klepp: Town, cast: Cast, what: str
) -> None:
    """Whoever leaves the circle stays kept to it, and the coordinator is told on both pages."""
    circle = await closed_circle(klepp, "Kvinnegruppa", cast.amina, cast.guide)
    path = f"/people/{cast.amina.id}"
    await post(path, version="1", company=str(circle.id), **AMINA)
    assert "Look at with whom they sit" not in await (await kari.get(f"/circles/{circle.id}")).text()
    members = [str(cast.guide.id)] if what == "leaves" else [str(cast.amina.id), str(cast.guide.id)]
    closed = {"is_closed": "yes"} if what == "leaves" else {}
    changed = await post(
        f"/circles/{circle.id}", name="Kvinnegruppa", version=str(circle.version), person=members, **closed
    )
    assert changed.status == 303
    assert await kept(klepp, cast.amina) == (Company.CIRCLE, circle.id, False)
    told = await (await kari.get(f"/circles/{circle.id}")).text()
    assert "Look at with whom they sit" in told
    assert f'href="{path}"' in told
    text = await (await kari.get(path)).text()
    assert "They have left Kvinnegruppa, or it is not closed any more." in text
    # What is there already may be saved again with a new name, and is gone once something else is chosen.
    version = await version_of(klepp, cast.amina)
    assert (await post(path, version=version, company=str(circle.id), **AMINA | {"name": "Amina N."})).status == 303
    async with klepp.work() as work:
        known = await knowledge_of(work, [cast.amina.id, cast.guide.id], klepp.settings.key_ring, klepp.now)
    amina, guide = known.members[cast.amina.id], known.members[cast.guide.id]
    assert amina.circle_only == str(circle.id)
    assert guide.circles == ({str(circle.id)} if what == "leaves" else set())
    version = await version_of(klepp, cast.amina)
    assert (await post(path, version=version, company="anyone", **AMINA)).status == 303
    assert (await post(path, version=str(int(version) + 1), company=str(circle.id), **AMINA)).status == 422


async def test_the_second_of_two_sees_what_the_first_chose(post: Post, klepp: Town, cast: Cast) -> None:
    circle = await closed_circle(klepp, "Kvinnegruppa", cast.amina)
    path = f"/people/{cast.amina.id}"
    await post(path, version="1", company=str(circle.id), is_woman="yes", **AMINA)
    late = await post(path, version="1", company="anyone", **AMINA)
    text = await late.text()
    assert late.status == 409
    assert re.search(r"Sits in small groups with: Only members of Kvinnegruppa\s*· Is a woman", text)
    assert await kept(klepp, cast.amina) == (Company.CIRCLE, circle.id, True)
