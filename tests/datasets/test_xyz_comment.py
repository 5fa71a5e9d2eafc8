"""Keys and values of comment lines."""

from __future__ import annotations

import pytest

from qm7bench.datasets.xyz_comment import parse_comment
from qm7bench.errors import DataSetError


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("energy=-5 fold=3", {"energy": "-5", "fold": "3"}),
        ("E = -40.5 fold =3", {"E": "-40.5", "fold": "3"}),
        (" i = 5, time = 2.5, E = -17.1", {"i": "5,", "time": "2.5,", "E": "-17.1"}),
        ("Lattice=\"1 2 3\" name='a b' x={1 2}", {"Lattice": "1 2 3", "name": "a b", "x": "1 2"}),
        ("y=[[1, 2], [3, 4]] e=1", {"y": "1, 2], [3, 4", "e": "1"}),
        ("smiles=C=C(O) e=1", {"smiles": "C=C(O)", "e": "1"}),
        ('"my key"="a \\"b\\" c" e=1', {"my key": 'a "b" c', "e": "1"}),
        ("author=O'Brien e=5", {"author": "O'Brien", "e": "5"}),
        ("O'Brien's methane e=5", {"e": "5"}),
        ("energy= fold=3", {"energy": None, "fold": "3"}),
        ("energy= fold = 3", {"energy": None, "fold": "3"}),
        ("fold=3 energy=", {"fold": "3", "energy": None}),
        ("energy=, fold=3", {"energy": ",", "fold": "3"}),
        ("== = 5", {}),
        ("", {}),
        ("a comment with 'an open quote", {}),
    ],
)
def test_pairs_are_found(line, pairs):
    assert parse_comment(line).pairs == pairs


def test_words_without_a_value_are_kept_apart():
    comment = parse_comment("energy fold=3 E -5")
    assert comment.words == ["energy", "E", "-5"]
    assert comment.has("E")
    assert not comment.has("e")
    assert comment.keys == "fold"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("energy fold=3", "the key 'energy' has no value"),
        ("energy -5.0 kcal/mol", "has 'energy -5.0' without '='; write energy=VALUE"),
        ("energy= fold=3", "the key 'energy' has no value"),
        ('energy="" fold=3', "the key 'energy' has no value"),
        ("energy=T", "energy=T is not a finite number"),
        ("energy=F", "energy=F is not a finite number"),
        ("energy=nan", "energy=nan is not a finite number"),
        ("energy=1e999", "energy=1e999 is not a finite number"),
        ("energy=-5eV", "energy=-5eV is not a finite number"),
        ("energy=[1 2]", "energy=1 2 is not a finite number"),
        ("energy=-5,3", "energy=-5,3 is not a finite number"),
        ("energy=-5 energy=-6", "the key 'energy' has several values"),
        ("Energy=-5", "no key 'energy' in the comment line; keys found: Energy"),
        ("protein 1abc", "no key 'energy' in the comment line; keys found: none"),
        ("energy=" + "9x" * 1000, "..."),
    ],
)
def test_a_number_that_is_missing_or_none_is_an_error(line, message):
    with pytest.raises(DataSetError) as caught:
        parse_comment(line).number("energy")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_comma_that_separates_is_no_part_of_the_number():
    assert parse_comment("i = 5, E = -17.5, t = 1").number("E") == -17.5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('Lattice="1 0 0', "opens a quote or bracket and never closes"),
        ("x=[1 2", "opens a quote or bracket and never closes"),
        ('a="b"c=5', 'no blank after the value "b"'),
        ('Mattice="1 2 3" e=1', "unknown key 'Mattice'; did you mean 'Lattice'?"),
        ("Propertes=species:S:1:pos:R:3", "did you mean 'Properties'?"),
        ('Lattice "1 2 3"', "the key 'Lattice' is not followed by '='"),
        ("Properties species:S:1:pos:R:3", "the key 'Properties' is not followed by '='"),
    ],
)
def test_a_broken_line_is_an_error(line, message):
    with pytest.raises(DataSetError) as caught:
        parse_comment(line)
    assert message in str(caught.value)


@pytest.mark.parametrize("line", ["Properties of methane", "Lattice energy of ice", "pbc: none"])
def test_prose_is_plain(line):
    assert parse_comment(line).pairs == {}


def test_reserved_keys_are_found_in_any_case_and_only_once():
    assert parse_comment('lattice="1 2"').reserved("Lattice") == "1 2"
    assert parse_comment("energy=1").reserved("Lattice") is None
    for line in ("Lattice=1 lattice=2", "Lattice=1 Lattice=2"):
        with pytest.raises(DataSetError, match="'Lattice' has several values"):
            parse_comment(line).reserved("Lattice")
    with pytest.raises(DataSetError, match="'Lattice' has no value"):
        parse_comment("Lattice energy=1").reserved("Lattice")
