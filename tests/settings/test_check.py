# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from pathlib import Path

import pytest

from proximity.settings.check import check
from proximity.settings.documents import FILE_BYTES_MAX, read_documents
from proximity.settings.faults import Fault, shown
from proximity.settings.notes import unkeepable
from proximity.settings.orders import parse_orders, read_orders
from proximity.settings.service import read_settings

CONFIGS = Path(__file__).parents[2] / "configs"
ORDER = """
[[orders]]
id = "o-1"
region = "r"
supervisor = "s"
valid_from = 2026-06-01T00:00:00Z
wearers = ["w-1"]
protected = ["p-1"]
separation = {limit_m = 1000, warning_m = 3000}
"""


def test_the_pilot_runs_as_it_is() -> None:
    checked = check(CONFIGS / "orders", CONFIGS / "pilot.toml")
    assert (checked.faults, checked.notes) == ((), ())
    assert dict(checked.counts) == {
        "orders": 4,
        "parties": 5,
        "devices": 6,
        "links": 2,
        "zones": 5,
        "area-wide zones": 1,
    }


def test_the_pilots_comments_are_the_defaults(tmp_path: Path) -> None:
    """Each `# key = value` of the pilot's settings is what holds without it."""
    from_outside = ("url", "username", "password_file", "ca_file", "tls_", "start_at")
    lines = (CONFIGS / "pilot.toml").read_text("utf-8").splitlines()
    said = [line.removeprefix("# ") for line in lines if not line.removeprefix("# ").startswith(from_outside)]
    keys = [line for line in said if " = " in line and not line.startswith("Every")]
    assert len(keys) > 30
    headed = "\n".join(line if " = " in line or line.startswith("[") else "" for line in said)
    (tmp_path / "said.toml").write_text(headed.replace('state_dir = "../state"', ""), "utf-8")
    (tmp_path / "empty.toml").touch()
    assert read_settings(tmp_path / "said.toml") == read_settings(tmp_path / "empty.toml")


def test_reads_orders_and_zones_sorted_and_passes_over_the_rest(tmp_path: Path) -> None:
    for name in ("b.toml", "a.TOML", "z.geojson", "y.json", "README.md", ".hidden.toml", "c.toml~"):
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / ".old").mkdir()
    (tmp_path / ".old" / "o.toml").touch()
    (tmp_path / "maps").mkdir()
    documents, faults = read_documents(tmp_path)
    assert faults == ()
    assert list(documents.items()) == [(name, name) for name in ("a.TOML", "b.toml", "y.json", "z.geojson")]


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    """So does Kubernetes mount a ConfigMap."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "o.toml").write_text("x", "utf-8")
    (tmp_path / "o.toml").symlink_to(tmp_path / "..data" / "o.toml")
    assert dict(read_documents(tmp_path)[0]) == {"o.toml": "x"}


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_bytes(b"\xef\xbb\xbf" + ORDER.encode())
    assert read_orders(tmp_path)[0] is not None


def only_fault(folder: Path) -> Fault:
    book, (fault,) = read_orders(folder)
    assert book is None
    assert check(folder, None).faults == (fault,)
    return fault


def test_no_folder_no_file_and_no_orders_are_faults(tmp_path: Path) -> None:
    assert only_fault(tmp_path / "none").file == str(tmp_path / "none")
    assert only_fault(tmp_path).value == "no *.toml file"
    (tmp_path / "o.toml").touch()
    assert only_fault(tmp_path / "o.toml").value == "a file"
    assert (only_fault(tmp_path).file, only_fault(tmp_path).path) == (str(tmp_path), "orders")


def test_orders_in_a_subfolder_are_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text(ORDER, "utf-8")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "o.toml").touch()
    assert "not read" in only_fault(tmp_path).mend


def test_nothing_is_read_from_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(ORDER, "utf-8")
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "o.toml").write_text(ORDER, "utf-8")
    link = folder / "p.toml"
    link.symlink_to(tmp_path / "secret")
    assert only_fault(folder).value == "a link out of the folder"
    link.unlink()
    link.symlink_to(tmp_path / "nothing")
    assert only_fault(folder).value == "a link to nothing"
    link.unlink()
    link.symlink_to(link)
    assert only_fault(folder).value == "a link to nothing"


def test_a_file_that_is_no_text_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_bytes(b"# a\n# \xff")
    fault = only_fault(tmp_path)
    assert (fault.file, fault.path, fault.value) == (str(tmp_path / "o.toml"), "line 2", "byte 0xff")


def test_a_file_has_a_limit(tmp_path: Path) -> None:
    with (tmp_path / "o.toml").open("wb") as file:
        file.truncate(FILE_BYTES_MAX + 1)
    assert "split" in only_fault(tmp_path).mend


def test_a_name_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    try:
        (tmp_path / "o\udcff.toml").write_text(ORDER, "utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert only_fault(tmp_path).line.isprintable()


def test_check_gathers_the_faults_of_orders_and_settings_with_their_files(tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text(ORDER.replace("1000", "-1").replace('"r"', '"R"'), "utf-8")
    (tmp_path / "p.toml").write_bytes(b"\xff")
    settings = tmp_path / "settings"
    settings.write_text("port = 1", "utf-8")
    checked = check(tmp_path, settings)
    assert [(fault.file, fault.path) for fault in checked.faults] == [
        (str(settings), "port"),
        (str(tmp_path / "p.toml"), "line 1"),
        (str(tmp_path / "o.toml"), 'orders["o-1"].region'),
        (str(tmp_path / "o.toml"), 'orders["o-1"].separation.limit_m'),
    ]
    assert checked.counts == {}


def test_says_where_an_order_cannot_be_kept(tmp_path: Path) -> None:
    """At 33.3 m/s and 60 s a car covers 1,998 m: a ring of 2,000 m holds, one of 1,997 m does not."""
    (tmp_path / "o.toml").write_text(ORDER, "utf-8")
    assert check(tmp_path, None).notes == ()
    (tmp_path / "o.toml").write_text(ORDER.replace("3000", "2997"), "utf-8")
    checked = check(tmp_path, None)
    assert checked.faults == ()
    assert [(note.file, note.path, note.value) for note in checked.notes] == [
        (str(tmp_path / "o.toml"), 'orders["o-1"].separation', "p-1 every 60 s"),
        (str(tmp_path / "o.toml"), 'orders["o-1"].separation', "w-1 every 60 s"),
    ]
    assert "covers 1998 m" in checked.notes[0].mend
    assert "every 59 s or a warning_m of 2998" in checked.notes[0].mend


def test_the_quickest_device_of_a_party_counts() -> None:
    devices = '[{{id = "{0}-a", kind = "tag"}}, {{id = "{0}-b", kind = "tag", interval_s = 30}}]'
    party = f'[[parties]]\nid = "{{0}}"\ndevices = {devices}\n'
    book, _ = parse_orders({"o.toml": party.format("w-1") + party.format("p-1") + ORDER.replace("3000", "2000")})
    assert book is not None
    assert unkeepable(book) == ()


def test_says_what_is_written_but_not_judged(tmp_path: Path) -> None:
    idle = '[[parties]]\nid = "w-9"\ndevices = [{id = "a-9", kind = "tag"}]\n'
    zones = '[[orders.zones]]\nid = "z"\nkind = "exclusion"\ncircle = {lat = 1, lon = 1, radius_m = 9}\n'
    order = ORDER.replace("separation = {limit_m = 1000, warning_m = 3000}\n", zones)
    (tmp_path / "o.toml").write_text(idle + order, "utf-8")
    checked = check(tmp_path, None)
    assert checked.faults == ()
    assert [(note.file, note.path, note.value) for note in checked.notes] == [
        (str(tmp_path), 'parties["w-9"]', "devices a-9"),
        (str(tmp_path / "o.toml"), 'orders["o-1"].protected', "p-1"),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.5, "1.5"),
        ("a\nb", '"a\\nb"'),
        ("x" * 100, '"' + "x" * 76 + "..."),
        ([1, 2], "an array of 2"),
        ({"a": 1, "b": 2}, "a table with a, b"),
        (1 << 128, "a whole number of 129 bits"),
    ],
)
def test_a_value_is_shown_as_its_writer_knows_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_fault_is_one_line_and_its_place_holds_no_value() -> None:
    fault = Fault("a\nb.toml", 'zones["z"]', "51.9", "write less")
    assert fault.line == 'a\\nb.toml: zones["z"]: got 51.9: write less'
    assert fault.where == 'a\\nb.toml: zones["z"]'
