"""A thousand files damaged at random: each is refused in a sentence, or read as it is written.

What a damaged file says is told by a second, strict reader, written here for the files made here. A
change that leaves a valid file (another digit, another element) cannot be noticed by any reader; it
is no fault if the molecules are those of the changed file.
"""

from __future__ import annotations

import re
import string
from collections import Counter

import numpy as np
import pytest

from qm7bench.chemistry.elements import CHARGES, SYMBOLS
from qm7bench.datasets.extended_xyz import load_extended_xyz, load_molecules
from qm7bench.errors import UserError

FILES, SEEDS = 1000, 4
MOLECULES = 5
CELL = 14.0
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?"
LATTICE = f'Lattice="{CELL} 0.0 0.0 0.0 {CELL} 0.0 0.0 0.0 {CELL}"'
FORCES = "Properties=species:S:1:pos:R:3:forces:R:3"
STYLES = ("free", "wide", "plain", "numbers", "forces", "periodic")
BAD_NUMBERS = [*"nan inf -inf NaN *** 1,5 --1 1e999 0x1F 1.2.3 T F 1_0 1e 1d \u0663 X".split(), ""]


def written(dataset, style, rng):
    """Text of some molecules with energies and folds, in one of the styles."""
    frames = []
    for fold, (charges, positions) in enumerate(
        zip(dataset.charges, dataset.positions, strict=True)
    ):
        size = np.count_nonzero(charges)
        comment = f"energy={dataset.energies[fold]:.4f} fold={fold}"
        if style == "forces":
            comment = f"{FORCES} {comment}"
        if style == "plain":
            comment = rng.choice(["", "methane, say", "E -40.5 (Hartree)", "frame 7"])
        if style == "periodic":
            comment = f'{LATTICE} pbc="T T T" {comment}'
            positions = np.mod(positions + rng.uniform(0, CELL, size=3), CELL)
        lines = []
        for charge, position in zip(charges[:size], positions[:size], strict=True):
            name = str(charge) if style == "numbers" else SYMBOLS[charge]
            columns = [*position, *(rng.normal(size=3) if style == "forces" else [])]
            form = "{:16.8f}" if style in ("wide", "periodic") else " {:.5f}"
            lines.append(name + "".join(form.format(x) for x in columns))
        frames.append("\n".join([str(size), comment, *lines]) + "\n")
    return "".join(frames)


def damaged(text, rng):
    """The text with one random fault, and what kind of fault it is."""
    kind = str(rng.choice(list(FAULTS)))
    return kind, FAULTS[kind](text, rng)


def _truncated(text, rng):
    return text[: rng.integers(len(text))]


def _bit_flipped(text, rng):
    data = bytearray(text.encode())
    data[rng.integers(len(data))] ^= 1 << rng.integers(8)
    return data.decode(errors="replace")


def _byte_inserted(text, rng):
    place = rng.integers(len(text))
    return text[:place] + str(rng.choice(list(string.printable))) + text[place:]


def _byte_removed(text, rng):
    place = rng.integers(len(text))
    return text[:place] + text[place + 1 :]


def _of_lines(change):
    """A fault of whole lines: `change` gets the lines and two line numbers."""

    def fault(text, rng):
        lines = text.splitlines(keepends=True)
        one, other = rng.integers(len(lines), size=2)
        return "".join(change(lines, one, other))

    return fault


def _swapped(lines, one, other):
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def _columns_exchanged(text, rng):
    """In one line, or in all lines of atoms."""
    lines = text.splitlines()
    atoms = [i for i, line in enumerate(lines) if len(line.split()) >= 4 and "=" not in line]
    one, other = rng.choice(4, size=2, replace=False)
    for i in atoms if rng.random() < 0.3 else [rng.choice(atoms)]:
        words = lines[i].split()
        words[one], words[other] = words[other], words[one]
        lines[i] = " ".join(words)
    return "\n".join(lines) + "\n"


def _number_replaced(text, rng):
    places = list(re.finditer(NUMBER, text))
    found = places[rng.integers(len(places))]
    return text[: found.start()] + str(rng.choice(BAD_NUMBERS)) + text[found.end() :]


FAULTS = {
    "truncated": _truncated,
    "bit flipped": _bit_flipped,
    "byte inserted": _byte_inserted,
    "byte removed": _byte_removed,
    "line dropped": _of_lines(lambda lines, i, _: lines[:i] + lines[i + 1 :]),
    "line doubled": _of_lines(lambda lines, i, _: lines[: i + 1] + lines[i:]),
    "lines exchanged": _of_lines(_swapped),
    "line blanked": _of_lines(lambda lines, i, _: [*lines[:i], "\n", *lines[i + 1 :]]),
    "columns exchanged": _columns_exchanged,
    "number replaced": _number_replaced,
}


def strictly_read(text, style):
    """Charges, positions, energy, fold and cell of each molecule; None if not of the style."""
    lines = [line.strip() for line in re.split(r"\r*\n|\r", text)]
    molecules = []
    columns = 6 if style == "forces" else 3
    species = r"\d{1,3}" if style == "numbers" else "[A-Za-z]{1,2}"
    atom = re.compile(rf"({species})" + rf"\s+({NUMBER})" * columns, re.ASCII)
    while lines:
        count = lines.pop(0)
        if not count:
            continue
        if not re.fullmatch(r"\d{1,4}", count) or len(lines) <= int(count):
            return None
        comment, found = lines.pop(0), [atom.fullmatch(lines.pop(0)) for _ in range(int(count))]
        energy = re.search(rf"(?:^|\s)energy=({NUMBER})(?:\s|$)", comment)
        fold = re.search(rf"(?:^|\s)fold=({NUMBER})(?:\s|$)", comment)
        pairs = _announced(comment, style) and (style == "plain" or (energy and fold))
        if not (found and all(found) and pairs):
            return None
        charges = [int(m[1]) if style == "numbers" else _charge(m[1]) for m in found]
        positions = [[_value(m[k]) for k in (2, 3, 4)] for m in found]
        values = (np.nan, 0) if style == "plain" else (_value(energy[1]), _value(fold[1]))
        molecules.append((charges, positions, *values, _cell(comment)))
    return molecules


def _announced(comment, style):
    wanted = {"forces": [FORCES], "periodic": ['pbc="T T T"']}.get(style, [])
    return all(part in comment for part in wanted) and (
        style != "periodic" or _cell(comment) is not None
    )


def _cell(comment):
    """Cell vectors as rows, or None."""
    found = re.search(rf'Lattice="({NUMBER}(?: +{NUMBER}){{8}})"', comment)
    return found and np.array([_value(word) for word in found[1].split()]).reshape(3, 3)


def _charge(symbol):
    symbol = symbol.capitalize() if symbol.islower() else symbol
    return CHARGES.get(symbol, 1 if symbol in ("D", "T") else 0)


def _value(text):
    return float(text.lower().replace("d", "e"))


def agrees(dataset, molecules, style):
    """Whether a data set holds just these molecules."""
    if molecules is None or len(dataset) != len(molecules):
        return False
    for i, (charges, positions, energy, fold, cell) in enumerate(molecules):
        size = dataset.sizes[i]
        moved = dataset.positions[i, :size] - np.array(positions) if size == len(charges) else None
        if moved is None or dataset.charges[i, :size].tolist() != charges:
            return False
        if style == "periodic":
            moved -= np.rint(moved @ np.linalg.inv(cell)) @ cell
        known = np.isnan(dataset.energies[i]) or (dataset.energies[i], dataset.folds[i]) == (
            energy,
            fold,
        )
        if np.abs(moved).max() > 1e-9 or not known:
            return False
    return True


def read(path, style):
    """Molecules of a plain file, which has no energies, or of a data set."""
    return load_molecules(path) if style == "plain" else load_extended_xyz("m", path)[0]


@pytest.fixture(scope="module")
def sources(small_molecules):
    """Groups of five small molecules."""
    few = small_molecules[small_molecules.sizes <= 12]
    return [few[i : i + MOLECULES] for i in range(0, len(few) - MOLECULES, MOLECULES)]


def test_the_second_reader_agrees_with_the_first_on_files_that_are_whole(sources, tmp_path, rng):
    for style in STYLES:
        text = written(sources[0], style, rng)
        (tmp_path / "m.xyz").write_text(text)
        dataset = read(tmp_path / "m.xyz", style)
        assert agrees(dataset, strictly_read(text, style), style)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_damaged_file_gives_a_traceback_or_a_wrong_number(sources, tmp_path, seed):
    path, rng = tmp_path / "m.xyz", np.random.default_rng(seed)
    outcomes, faults = Counter(), []
    for number in range(FILES // SEEDS):
        style = STYLES[number % len(STYLES)]
        whole = written(sources[number % len(sources)], style, rng)
        kind, text = damaged(whole, rng)
        path.write_text(text, encoding="utf-8", newline="")
        try:
            dataset = read(path, style)
        except UserError as error:
            outcome = "refused"
            wrong = "\n" in str(error) or not str(error).startswith((f"{path}: ", "m: "))
        except Exception as error:
            outcome, wrong = repr(error), True
        else:
            same = agrees(dataset, strictly_read(whole, style), style)
            outcome = "unchanged" if same else "another valid file"
            wrong = not same and not agrees(dataset, strictly_read(text, style), style)
        outcomes[outcome] += 1
        if wrong:
            faults.append((style, kind, outcome, _first_difference(whole, text)))
    assert faults == []
    assert outcomes["refused"] > outcomes.total() / 2, outcomes


def _first_difference(whole, text):
    pairs = zip(whole.split("\n"), text.split("\n"), strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1]), "shorter")
