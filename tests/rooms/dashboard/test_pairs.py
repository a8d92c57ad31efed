"""Pairs on a person's page: kept together or apart, for coordinators' eyes."""

import uuid

from sqlalchemy import select

from rooms.breakout.records import Pair
from rooms.breakout.rules.pairs import PairKind
from tests.rooms.dashboard.conftest import Post
from tests.support.callers import Client
from tests.support.cast import Cast
from tests.support.town import Town


async def pairs(klepp: Town) -> list[Pair]:
    async with klepp.work() as work:
        return list(await work.session.scalars(select(Pair)))


async def test_a_pair_is_made_changed_and_removed(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    amina, yusuf = f"/people/{cast.amina.id}/pairs", f"/people/{cast.yusuf.id}/pairs"
    answer = await post(amina, other=str(cast.yusuf.id), kind="apart", reason="<b>uenige</b>")
    assert (answer.status, answer.headers["Location"]) == (303, f"{amina}?done=pair-kept")
    for path, other in ((amina, "Yusuf"), (yusuf, "Amina")):
        text = await (await kari.get(path)).text()
        shown = text.partition('id="pairs"')[2].partition("</form")[0]
        assert other in shown
        assert "Keep apart" in shown
        assert "&lt;b&gt;uenige" in shown
    await post(yusuf, other=str(cast.amina.id), kind="together", reason="")
    (pair,) = await pairs(klepp)
    assert (pair.kind, pair.reason, pair.created_by) == (PairKind.TOGETHER, "", cast.coordinator.id)
    answer = await post(f"{amina}/{pair.id}/remove")
    assert (answer.status, answer.headers["Location"]) == (303, f"{amina}?done=pair-removed")
    assert await pairs(klepp) == []
    assert (await post(f"{amina}/{pair.id}/remove")).status == 303


async def test_it_is_on_a_page_of_its_own(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    person = f"/people/{cast.amina.id}"
    path = f"{person}/pairs"
    await post(path, other=str(cast.yusuf.id), kind="apart", reason="uenige")
    page = await (await kari.get(person)).text()
    assert f'href="{path}"' in page
    assert "Yusuf" not in page
    for wrong, words in (
        ({"other": ""}, "The other person: Please choose one."),
        ({"other": str(cast.amina.id)}, "The other person: Please choose one."),
        ({"other": str(cast.kvam_participant.id)}, "The other person: Please choose one."),
        ({"other": str(uuid.uuid4())}, "The other person: Please choose one."),
        ({"kind": "married"}, "Together or apart: Please choose one."),
        ({"reason": "x" * 201}, "Reason: This is too long."),
    ):
        fields = {"other": str(cast.guide.id), "kind": "together", "reason": "naboer"} | wrong
        answer = await post(path, **fields)
        text = await answer.text()
        assert answer.status == 422
        assert words in text
        assert fields["reason"] in text, "what was typed is still there"
    assert len(await pairs(klepp)) == 1


async def test_another_centre_cannot_touch_them(nils: Client, post: Post, klepp: Town, cast: Cast) -> None:
    await post(f"/people/{cast.amina.id}/pairs", other=str(cast.yusuf.id), kind="apart")
    assert (await nils.get(f"/people/{cast.amina.id}/pairs")).status == 404
    assert len(await pairs(klepp)) == 1


async def test_the_reason_is_on_no_other_page(kari: Client, post: Post, klepp: Town, cast: Cast) -> None:
    await post(f"/people/{cast.amina.id}/pairs", other=str(cast.yusuf.id), kind="apart", reason="hemmeligheten")
    for path in (
        "/people",
        "/today",
        "/circles",
        *(f"/people/{cast.amina.id}{more}" for more in ("", "/link", "/remarks")),
    ):
        assert "hemmeligheten" not in await (await kari.get(path)).text()
