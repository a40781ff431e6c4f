# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whatever the documents hold, they give a book or faults; a book is what the orders say, not how they are laid out."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proximity.model.orders import OrderBook
from proximity.settings.orders import parse_orders

PARTIES = [
    ('[[parties]]\nid = "w-1"\ndevices = [{}]\n', ['{id = "a-1", kind = "tag"}', '{id = "a-2", kind = "phone"}']),
    ('[[parties]]\nid = "p-1"\ndevices = [{}]\n', ['{id = "v-1", kind = "phone", owntracks = "p/1"}']),
]
HEAD = """
[[orders]]
id = "{}"
region = "r"
supervisor = "s"
valid_from = 2026-06-01T00:00:00+02:00
wearers = [{}]
protected = ["p-1", "v-2"]
separation = {{limit_m = 1000, warning_m = 2500}}
"""
SCHEDULE = """schedule = {time_zone = "Europe/Amsterdam", exceptions = [{date = 2026-12-25, holds = false}], \
weekly = [{days = ["mon"], from = "22:00", until = "06:00"}]}
"""
ZONES = [
    '[[orders.zones]]\nid = "z-1"\nkind = "exclusion"\ncircle = {lat = 51.9, lon = 4.4, radius_m = 500}\n' + SCHEDULE,
    '[[orders.zones]]\nid = "z-2"\nkind = "exclusion"\ngeojson = "zones.geojson#area"\n',
]
RING = [[4.40, 51.90], [4.41, 51.90], [4.41, 51.91], [4.40, 51.91], [4.40, 51.90]]
AREA = {"type": "Feature", "id": "area", "geometry": {"type": "Polygon", "coordinates": [RING]}}
COLLECTION = {"type": "FeatureCollection", "features": [AREA]}
SCRAPS = [
    "", '"', "'", "\n", "[", "]", "{", "}", "[[", "]]", "=", ",", ".", "#", "-", "+", "nan", "inf", "-inf", "true", "0",
    "1e400", "9" * 30, "9" * 5000, "0xffffffffffffffffffffff", "2026-06-01", "07:00:00", "[[orders]]\n", "[orders]\n",
    "[[parties]]\n", "orders", "id", '"""', "\\u0000", "\x00", "\ufeff", "é", "\u2028", "\ud800", "[" * 2000, "null",
    "a.b.c=1\n", "NaN", '{"id": 1}', "zones.geojson#area", "../x#y", "features", "[[4.4, 51.9]]",
]  # fmt: skip


def laid_out(chance: Random) -> dict[str, str]:
    """The same orders, in another order, over other files, with other comments."""

    def shuffled(items: list[str]) -> list[str]:
        return chance.sample(items, len(items))

    blocks = [text.replace("{}", ", ".join(shuffled(devices))) for text, devices in PARTIES]
    for order in ("o-1", "o-2", "o-3"):
        wearers = ", ".join(shuffled(['"w-1"', '"a-3"', '"a-4"']))
        zones = shuffled([zone + f"applies_to = [{wearers}]\n" for zone in ZONES])
        blocks.append(HEAD.format(order, wearers) + "".join(zones))
    documents = {"zones.geojson": json.dumps(COLLECTION, indent=chance.choice([None, 1, 4]))}
    for block in shuffled(blocks):
        name = chance.choice(["a.toml", "b.toml", "z.toml"])
        documents[name] = documents.get(name, "") + f"# {chance.random()}\n{block}\n\n"
    return dict(chance.sample(list(documents.items()), len(documents)))


def parsed(documents: dict[str, str]) -> OrderBook:
    book, faults = parse_orders(documents)
    assert faults == ()
    assert book is not None
    return book


def check_outcome(documents: dict[str, str]) -> None:
    """A book or faults, never both or neither; faults can be printed."""
    book, faults = parse_orders(documents)
    assert (book is None) == bool(faults)
    for fault in faults:
        assert fault.line.isprintable()
        assert 0 < len(fault.value) <= 80
        assert fault.mend


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_layout_makes_no_difference(chance: Random) -> None:
    assert parsed(laid_out(chance)) == parsed(laid_out(Random(0)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("warning_m = 2500", "warning_m = 2501"),
        ('supervisor = "s"', 'supervisor = "t"'),
        ("T00:00:00+02:00", "T00:00:00.001+02:00"),
        ('"o-3"', '"o-4"'),
        ('"v-2"', '"v-3"'),
        ('kind = "tag"', 'kind = "phone"'),
        ('owntracks = "p/1"', 'owntracks = "p/2"'),
        ("51.91", "51.9100001"),
        ("radius_m = 500", "radius_m = 501"),
        ('"22:00"', '"22:01"'),
        ("holds = false", "holds = true"),
        ("Europe/Amsterdam", "Europe/Brussels"),
    ],
)
def test_the_revision_changes_with_what_the_orders_say(old: str, new: str) -> None:
    documents = laid_out(Random(0))
    changed = {name: text.replace(old, new) for name, text in documents.items()}
    assert changed != documents
    assert parsed(changed).revision != parsed(documents).revision


def test_equal_numbers_and_instants_are_one_revision() -> None:
    documents = laid_out(Random(0))
    same = {
        name: text.replace("limit_m = 1000", "limit_m = 1e3").replace(
            "2026-06-01T00:00:00+02:00", "2026-05-31T22:00:00Z"
        )
        for name, text in documents.items()
    }
    assert same != documents
    assert parsed(same).revision == parsed(documents).revision


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_no_mutation_of_the_texts_raises(chance: Random, mutations: int) -> None:
    documents = laid_out(Random(0))
    for _ in range(mutations):
        name = chance.choice(sorted(documents))
        text = documents[name]
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice([0, 1, 3, 20, 200]))
        documents[name] = text[:start] + chance.choice([*SCRAPS, text[chance.randrange(len(text)) :][:40]]) + text[end:]
    check_outcome(documents)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3))


@settings(deadline=None)
@given(TREES, st.sampled_from(["features", "id", "geometry", "type", "coordinates", "ring", "position", "lon"]))
def test_no_geojson_raises(tree: object, place: str) -> None:
    ring = {"ring": tree, "position": [tree, *RING], "lon": [[tree, 51.9], *RING]}.get(place, RING)
    geometry = {"type": "Polygon", "coordinates": [ring]} | ({place: tree} if place in {"type", "coordinates"} else {})
    area = AREA | {"geometry": geometry} | ({place: tree} if place in {"id", "geometry"} else {})
    whole = COLLECTION | {"features": tree if place == "features" else [area]}
    check_outcome(laid_out(Random(0)) | {"zones.geojson": json.dumps(whole)})


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=12))
def test_no_ring_raises(ring: list[tuple[float, float]]) -> None:
    area = AREA | {"geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
    check_outcome(laid_out(Random(0)) | {"zones.geojson": json.dumps(COLLECTION | {"features": [area]})})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["a.toml", "b.toml", "c.json", "é", ""]), st.text()))
def test_no_documents_raise(documents: dict[str, str]) -> None:
    check_outcome(documents)
