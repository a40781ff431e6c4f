# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import re
from itertools import product

import pytest
from msgspec.structs import replace

from proximity.engine.trouble import TROUBLES
from proximity.model.incidents import Evidence
from proximity.model.words import Cause, Certainty, Change, Kind, Level, Refused
from proximity.wire.dutch import DUTCH
from proximity.wire.english import ENGLISH
from proximity.wire.texts import refusal_text_of, text_of
from tests.wire.told import DEVICE, EPISODE, EVIDENCE, JOINED, LATE, SYSTEM, ZONE, Fields, told

SHAPES: dict[Kind, list[Fields]] = {
    Kind.SEPARATION: [{}],
    Kind.ZONE: [ZONE, ZONE | {"inclusion": True}],
    Kind.BLIND: [{"kind": Kind.BLIND}, ZONE | {"kind": Kind.BLIND}],
    Kind.DEVICE: [DEVICE, DEVICE | {"troubles": ()}],
    Kind.SYSTEM: [SYSTEM],
}
EVIDENCES = [EVIDENCE, Evidence(), Evidence(wearer_fix_age_s=5.0), Evidence(protected_fix_age_s=500.0)]


def test_every_combination_there_can_be_has_a_text() -> None:
    """Far more than can be reached: every cause with every kind, change, level and certainty, open and resolved."""
    told_of = 0
    for kind, change, cause in product(Kind, Change, Cause):
        for shape, level, previous in product(SHAPES[kind], Level, Level):
            certainties = (None, *Certainty)
            for certainty, evidence in product(certainties, EVIDENCES):
                transition = told(
                    change, evidence,
                    **shape | {"cause": cause, "level": level, "certainty": certainty,
                               "resolved": change is Change.RESOLVED},
                )  # fmt: skip
                text = text_of(replace(transition, previous_level=previous))
                for sentence in (text["nl"], text["en"]):
                    assert re.fullmatch(r"[A-Z].+\.", sentence), sentence
                    assert not re.search(r"None|nan|[{}]|  |\.\.|447|401|402|492", sentence), sentence
                told_of += 1
    assert told_of > 100_000


@pytest.mark.parametrize("cause", [trouble.cause for trouble in TROUBLES])
def test_every_trouble_of_the_engine_has_words_of_its_own(cause: Cause) -> None:
    for language in (ENGLISH, DUTCH):
        assert cause in language.troubles
    assert len({ENGLISH.troubles[trouble.cause] for trouble in TROUBLES}) == len(TROUBLES)


def test_both_languages_say_the_same_things() -> None:
    for name in ENGLISH.__struct_fields__:
        english, dutch = getattr(ENGLISH, name), getattr(DUTCH, name)
        if isinstance(english, dict):
            assert list(english) == list(dutch), name
            pairs = list(zip(english.values(), dutch.values(), strict=True))
        elif isinstance(english, tuple):
            pairs = list(zip(english, dutch, strict=True))
        else:
            pairs = [(english, dutch)]
        for one, other in pairs:
            assert sorted(re.findall(r"{\w+}", one)) == sorted(re.findall(r"{\w+}", other)), name


def test_a_breach_at_a_glance() -> None:
    text = text_of(told())
    assert text["en"] == (
        "Wearer w-17 is about 450 m from protected person p-04, within the limit (breach, certain). Before: warning. "
        "Wearer's position 0 s old, protected person's 1 s."
    )
    assert text["nl"] == (
        "Drager w-17 is op ongeveer 450 m van beschermde persoon p-04, binnen de grens (overtreding, zeker). "
        "Eerder: waarschuwing. Positie van de drager 0 s oud, van de beschermde persoon 1 s."
    )


def test_how_far_is_told_in_bands() -> None:
    near = text_of(told(evidence=replace(EVIDENCE, expected_m=12.0), level=Level.EMERGENCY))
    assert "is less than 50 m from" in near["en"]
    assert "op minder dan 50 m van" in near["nl"]
    far = text_of(told(evidence=replace(EVIDENCE, expected_m=12_647.0)))
    assert "is about 12,500 m from" in far["en"]
    assert "op ongeveer 12.500 m van" in far["nl"]


@pytest.mark.parametrize(
    ("age_s", "en", "nl"),
    [
        (0.9, "0 s", "0 s"),
        (119.0, "119 s", "119 s"),
        (120.0, "2 min", "2 min"),
        (305.0, "5 min", "5 min"),
        (7199.0, "119 min", "119 min"),
        (7200.0, "2 h", "2 uur"),
        (-3.0, "0 s", "0 s"),
    ],
)
def test_ages_are_told_as_people_tell_them(age_s: float, en: str, nl: str) -> None:
    text = text_of(told(evidence=replace(EVIDENCE, wearer_fix_age_s=age_s)))
    assert f"Wearer's position {en} old" in text["en"]
    assert f"Positie van de drager {nl} oud" in text["nl"]


def test_an_end_says_why() -> None:
    apart = told(
        Change.RESOLVED, replace(EVIDENCE, expected_m=2150.0), level=Level.CLEAR, certainty=None, resolved=True,
        cause=Cause.APART,
    )  # fmt: skip
    assert text_of(apart)["en"].startswith("Wearer w-17 and protected person p-04: apart again, about 2,200 m. ")
    gone = told(
        Change.RESOLVED, Evidence(), level=Level.CLEAR, certainty=None, resolved=True, cause=Cause.ORDER_CHANGED
    )
    assert text_of(gone)["nl"].startswith(
        "Drager w-17 en beschermde persoon p-04: niet langer bewaakt, de maatregel is gewijzigd of beëindigd."
    )


def test_zones_devices_and_the_service() -> None:
    zone = told(Change.OPENED, Evidence(-130.0, -160.0, -100.0, 0.99, 2.0), **ZONE)
    assert text_of(zone)["en"].startswith("Wearer w-17 is in zone home (breach, certain).")
    device = told(Change.OPENED, Evidence(wearer_fix_age_s=125.0), **DEVICE)
    assert text_of(replace(device, previous_level=Level.CLEAR)) == {
        "en": "Device ank-001: strap cut; silent, sends no positions. Last position 2 min old.",
        "nl": "Apparaat ank-001: band doorgeknipt; stil, zendt geen posities. Laatste positie 2 min oud.",
    }
    assert "set it aside" in text_of(told(Change.OPENED, Evidence(), **SYSTEM))["en"]


def test_a_zone_to_stay_in() -> None:
    stay = ZONE | {"inclusion": True}
    out = told(Change.OPENED, Evidence(-130.0, -160.0, -100.0, 0.99, 2.0), **stay)
    assert text_of(out)["en"].startswith("Wearer w-17 is outside zone home, to which the order keeps them (breach, ")
    assert text_of(out)["nl"].startswith("Drager w-17 is buiten zone home, waar die volgens de maatregel in moet ")
    edge = told(Change.OPENED, Evidence(30.0, 10.0, 50.0, 0.99, 2.0), **stay, level=Level.WARNING)
    assert text_of(edge)["en"].startswith("Wearer w-17 is at the edge of zone home, ")
    ended = {"level": Level.CLEAR, "certainty": None, "resolved": True}
    again = told(Change.RESOLVED, Evidence(80.0, 60.0, 100.0, 0.0, 2.0), **stay, **ended, cause=Cause.APART)
    assert text_of(again)["en"].startswith("Wearer w-17 and zone home: inside again. ")
    assert text_of(again)["nl"].startswith("Drager w-17 en zone home: weer binnen. ")


def test_an_end_by_schedule_is_no_coming_apart() -> None:
    ended = told(
        Change.RESOLVED, Evidence(), **ZONE, level=Level.CLEAR, certainty=None, resolved=True, cause=Cause.SCHEDULE
    )
    assert text_of(ended)["en"].startswith(
        "Wearer w-17 and zone home: not watched at this hour, by the order's schedule."
    )
    assert "op dit uur niet bewaakt" in text_of(ended)["nl"]


def test_the_blind_and_the_silent_never_sound_like_an_approach() -> None:
    silent = DEVICE | {"troubles": (Cause.SILENT,), "cause": Cause.SILENT}
    for shape in [*SHAPES[Kind.BLIND], silent]:
        text = text_of(replace(told(Change.OPENED, EVIDENCE, **shape), previous_level=Level.CLEAR))
        assert not re.search(r"breach|limit|emergency|\bm\b|overtreding|grens|nood", text["en"] + text["nl"])


def test_a_cause_is_told_when_it_moved_the_level_and_not_again() -> None:
    raised = told(cause=Cause.CONFIRMED)
    assert "Confirmed by a second position." in text_of(raised)["en"]
    assert "Confirmed" not in text_of(replace(raised, previous_level=Level.BREACH))["en"]


def test_who_travel_together_are_told_so_although_the_level_stays() -> None:
    text = text_of(replace(told(Change.UPDATED, cause=Cause.TRAVELLING_TOGETHER), previous_level=Level.BREACH))
    assert "They are moving together, for example in the same tram or car." in text["en"]
    assert "Zij verplaatsen zich samen, bijvoorbeeld in dezelfde tram of auto." in text["nl"]


def test_an_acknowledgement_says_so() -> None:
    seen = replace(
        told(Change.ACKNOWLEDGED, Evidence(), cause=Cause.COMMAND, acknowledged=True), previous_level=Level.BREACH
    )
    assert text_of(seen)["en"] == (
        "Wearer w-17 is within the limit of protected person p-04 (breach, certain). Seen by a supervisor."
    )


@pytest.mark.parametrize("reason", list(Refused))
def test_every_refusal_can_be_told(reason: Refused) -> None:
    text = refusal_text_of(reason)
    assert text["en"].startswith("Not done: ")
    assert text["nl"].startswith("Niet uitgevoerd: ")


def test_what_is_known_only_now_says_so_and_when_it_was() -> None:
    assert text_of(LATE) == {
        "en": (
            "Known only now, by positions that came late: from 2024-06-08 14:03 to 2024-06-08 14:21 UTC wearer w-17 "
            "was within the limit of protected person p-04 (breach, probable), at the nearest about 450 m."
        ),
        "nl": (
            "Nu pas bekend, door posities die laat kwamen: van 2024-06-08 14:03 tot 2024-06-08 14:21 UTC was drager "
            "w-17 binnen de grens van beschermde persoon p-04 (overtreding, waarschijnlijk), op het dichtst ongeveer "
            "450 m."
        ),
    }
    assert text_of(JOINED)["en"].endswith(" 450 m. It belongs to what is going on, now at level breach.")
    seen = replace(LATE, change=Change.ACKNOWLEDGED, episode=None, evidence=Evidence())
    assert text_of(seen)["nl"].endswith("(overtreding, waarschijnlijk). Gezien door een toezichthouder.")
    over = replace(LATE.incident, resolved=True, level=Level.CLEAR, certainty=None, cause=Cause.NOTHING_MORE)
    assert text_of(replace(LATE, incident=over, change=Change.RESOLVED, episode=None, evidence=Evidence()))["en"] == (
        "Wearer w-17 and protected person p-04: nothing more of that has come in."
    )


@pytest.mark.parametrize("level", [Level.WARNING, Level.BREACH, Level.EMERGENCY])
def test_every_level_of_a_link_or_zone_has_a_late_text(level: Level) -> None:
    episode = replace(EPISODE, level=level)
    texts = {
        text_of(replace(told(**shape, late=True, episodes=(episode,)), episode=episode))[name]
        for shape in ({}, ZONE, ZONE | {"inclusion": True})
        for name in ("nl", "en")
    }
    assert len(texts) == 6
