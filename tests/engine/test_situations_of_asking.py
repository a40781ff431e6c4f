# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Situations of a tag that reports as often as it is asked to, and knows its place by cells: it must not look at rest.

Limits and numbers as in test_situations. Decision 0021 found them, 0024 mends them.
"""

from proximity.model.inputs import Fix
from tests.engine.scenes import fix
from tests.engine.situations import BLIND, LINK, Told, Way, at_rest, expect, happens, in_time, of, phone

HOME = at_rest(0.0)


def cells(way: Way, accuracy_m: float, times_s: range) -> list[Fix]:
    """What his tag sends where it sees masts alone, without a speed."""
    return [fix("ank-1", at_s, way.at(at_s)[0], accuracy_m=accuracy_m) for at_s in times_s]


def test_his_tag_at_rest_in_the_warning_distance_is_asked_and_knows_its_place_by_cells_alone() -> None:
    # He rests 900 m from her: a warning, so his tag is asked to report every 15 s, and obeys from 322 s on. From then
    # on it knows its place to 1300 m: 861 m an axis, so that a breach is possible from 500 + 1.96 x 861 = 2188 m on.
    # It came unasked at 307 s, at its resting interval. 600 s later, with the fix at 922 s, it is held there no more:
    # coarse. It could have gone since 307 s, so it is blind 900 s after that.
    his = at_rest(900.0)
    sent = [fix("ank-1", 7, 900.0), fix("ank-1", 307, 900.0), *cells(his, 1300.0, range(322, 1300, 15))]
    played = happens(in_time(phone(HOME, 1300) + sent), until_s=1300)
    expect(
        played.told(),
        Told(7, LINK, "opened", "warning", "first_judgement"),
        Told(1207, BLIND, "opened", "clear", "coarse"),
    )


def test_one_fix_that_knows_its_place_holds_it_for_as_long_again() -> None:
    # As above, but at 622 s one fix knows its place to 60 m: blind 900 s after that.
    his = at_rest(900.0)
    vague = [*cells(his, 1300.0, range(322, 622, 15)), *cells(his, 1300.0, range(637, 1600, 15))]
    sent = [fix("ank-1", 7, 900.0), fix("ank-1", 307, 900.0), fix("ank-1", 622, 900.0, accuracy_m=60.0), *vague]
    played = happens(in_time(phone(HOME, 1600) + sent), until_s=1600)
    expect(of(played.told(), BLIND), Told(1522, BLIND, "opened", "clear", "coarse"))


def test_he_comes_by_bicycle_and_his_tag_knows_its_place_by_cells_alone() -> None:
    # He sets out at 307 s, 3 km away, at 5 m/s; his tag knows its place to 900 m: 596 m an axis, so that a breach is
    # possible from 500 + 1.96 x 596 = 1668 m on: with the fix at 607 s, at 1500 m. It reports every 60 s, as it does
    # when it moves, and from 607 s on every 15 s, as it is asked to. That it is asked says nothing of its having come
    # to rest: blind two moving intervals later. He is at her door at 907 s.
    his = Way((307, 3000.0, 0.0), (907, 0.0, 0.0))
    sent = [fix("ank-1", 7, 3000.0), fix("ank-1", 307, 3000.0)]
    sent += [*cells(his, 900.0, range(367, 607, 60)), *cells(his, 900.0, range(607, 800, 15))]
    played = happens(in_time(phone(HOME, 800) + sent), until_s=800)
    expect(of(played.told(), BLIND), Told(727, BLIND, "opened", "clear", "coarse"))


def test_his_tag_that_did_as_it_was_asked_goes_dark_at_home() -> None:
    # He rests 900 m from her: a warning, so his tag is asked, and reports every 15 s until 307 s; then it is in a tin.
    # At rest it need not be heard for 300 s; one that does as it is asked would have been: stale two moving intervals
    # later, at 427 s, and blind after as long again. He could walk to her door in eleven minutes, by 967 s.
    sent = [fix("ank-1", 7, 900.0), *(fix("ank-1", at_s, 900.0, speed_mps=0.0) for at_s in range(22, 308, 15))]
    played = happens(in_time(phone(HOME, 900) + sent), until_s=900)
    expect(
        played.told(),
        Told(7, LINK, "opened", "warning", "first_judgement"),
        Told(547, BLIND, "opened", "clear", "stale"),
    )


def test_his_tag_that_is_asked_no_more_may_be_silent_as_long_as_at_rest() -> None:
    # As above, but it reports on. What an hour grants is used up at 1807 s: it goes back to a fix every 300 s.
    sent = [fix("ank-1", at_s, 900.0, speed_mps=0.0) for at_s in (*range(7, 1807, 15), 2107, 2407)]
    played = happens(in_time(phone(HOME, 2500) + sent), until_s=2500)
    assert of(played.told(), BLIND) == []
