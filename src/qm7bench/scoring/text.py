"""A score as plain text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from qm7bench.leaderboard.names import in_words
from qm7bench.scoring.comparisons import Comparison, GroupComparison
from qm7bench.scoring.score import Score

WIDTH = 80
NAME = 54
"""Width of an entry's name."""
NEIGHBOURS, OF_SEPARATE_TRACKS, GROUPS = 5, 3, 5
"""Entries above and below that are shown, entries of a separate track, and groups."""


def score_text(score: Score, every_entry: bool = False) -> str:
    """Lines of at most 80 characters.

    Parameters
    ----------
    every_entry : bool
        Whether all published entries are shown, not only those near in the leaderboard.
    """
    title = (
        f"{score.source} on {score.dataset.name}: {score.predicted:,} of "
        f"{len(score.dataset):,} molecules, errors in kcal/mol"
    )
    lines = [*textwrap.wrap(title, WIDTH), ""]
    if score.slip is not None:
        lines += _note(f"AS IT IS: {score.slip.message}")
    for warning in score.warnings:
        lines += _note(warning)
    lines += [*_errors(score), *_entries(score, every_entry), *_groups(score)]
    return "\n".join(lines).rstrip() + "\n"


def _note(sentence: str) -> list[str]:
    return [*textwrap.wrap(f"! {sentence}", WIDTH, subsequent_indent="  "), ""]


def _errors(score: Score) -> list[str]:
    lines = [f"{'fold':<8}{'MAE':>16}{'RMSE':>16}{'max error':>12}{'molecules':>14}"]
    for line in score.by_fold:
        predicted = line["test_molecules"] - line["unpredicted"]
        lines.append(
            f"{line['fold']:<8}{line['mae']:>16.3f}{line['rmse']:>16.3f}"
            f"{line['largest_error']:>12.2f}{predicted:>14,}"
        )
    if len(score.by_fold) > 1:
        mae, rmse = (
            f"{value:.3f} ± {spread:.3f}"
            for value, spread in zip((score.mae, score.rmse), score.spreads, strict=True)
        )
        lines.append(
            f"{'mean':<8}{mae:>16}{rmse:>16}{score.max_error:>12.2f}{score.predicted:>14,}"
        )
    return [*lines, ""]


def _entries(score: Score, every_entry: bool) -> list[str]:
    if score.place is None:
        return ["No published entry to compare with.", ""]
    lines = [*textwrap.wrap(place_in_words(score), WIDTH), ""]
    lines.append(f"{'#':>3} {'published entry':<{NAME}}{'MAE':>7}{'yours':>8}{'q':>7}")
    main = sorted(score.main_track, key=lambda other: other.mae)
    ranked = [_line(other, str(rank)) for rank, other in enumerate(main, start=1)]
    above, below = ranked[: score.place - 1], ranked[score.place - 1 :]
    lines += above if every_entry else above[-NEIGHBOURS:]
    lines.append(f"  > {'your predictions':<{NAME}}{_number(score.mae):>7}")
    lines += below if every_entry else below[:NEIGHBOURS]
    for track in sorted({other.entry.track for other in score.comparisons} - {""}):
        own = [_line(o, "") for o in score.comparisons if o.entry.track == track]
        lines += [f"    also use energies of {in_words(track)}:"]
        lines += own if every_entry else own[:OF_SEPARATE_TRACKS]
    legend = (
        f"yours: mean difference of the absolute errors on the molecules that both predict; "
        f"negative where yours are smaller. q: of the paired t-test, corrected for the "
        f"{len(score.comparisons)} entries (false discovery rate); ° above 0.05, not told apart "
        "from chance."
    )
    return [*lines, "", *textwrap.wrap(legend, WIDTH), ""]


def place_in_words(score: Score) -> str:
    """Place among the entries of the main track, and how many of all are worse and better."""
    words = {"better": "worse than", "worse": "better than", "as good": "not told apart from"}
    counts = {
        word: sum(other.verdict == name for other in score.comparisons)
        for name, word in words.items()
    }
    whole = score.predicted == len(score.dataset)
    return (
        f"Place {score.place} among {len(score.main_track)} published entries of the main track"
        f"{'' if whole else ', on the molecules that were predicted'}. Of all "
        f"{len(score.comparisons)} entries, {counts['worse than']} are worse than yours, "
        f"{counts['better than']} better, {counts['not told apart from']} not told apart."
    )


def _line(other: Comparison, place: str) -> str:
    name = other.entry.name
    if len(name) >= NAME:
        name = f"{name[: NAME - 2]}…"
    mark = "°" if other.verdict == "as good" else ""
    q = f"{other.q_value:.1g}"
    return (
        f"{place:>3} {name:<{NAME}}{_number(other.mae):>7}{_number(other.difference, '+'):>8}"
        f"{mark or ' '}{q:>6}"
    )


def _number(value: float, sign: str = "") -> str:
    """Error with three decimals, large ones with two."""
    return f"{value:{sign}.{3 if abs(value) < 100 else 2}f}"


def _groups(score: Score) -> list[str]:
    if score.reference is None:
        ordered = sorted(score.groups, key=lambda group: -group.mae)
        return [*_table("Largest errors", ordered[: 2 * GROUPS])]
    told = [group for group in score.groups if group.verdict in ("better", "worse")]
    told.sort(key=lambda group: group.difference)
    better = [group for group in told if group.difference < 0][:GROUPS]
    worse = [group for group in reversed(told) if group.difference > 0][:GROUPS]
    name = score.reference.entry.name
    lines = [*textwrap.wrap(f"Kinds of molecules, beside {name}:", WIDTH), ""]
    lines += _table("yours are better", better) if better else ["Yours are better for none.", ""]
    return lines + (
        _table("yours are worse", worse) if worse else ["Yours are worse for none.", ""]
    )


def _table(title: str, groups: Sequence[GroupComparison]) -> list[str]:
    lines = [f"{title:<44}{'molecules':>10}{'MAE':>9}{'theirs':>9}"]
    for group in groups:
        theirs = "" if np.isnan(group.reference_mae) else f"{group.reference_mae:.3f}"
        label = f"{group_in_words(group)}"
        lines.append(f"  {label:<42}{group.molecules:>10,}{group.mae:>9.3f}{theirs:>9}".rstrip())
    return [*lines, ""]


def group_in_words(group: GroupComparison) -> str:
    """Label of a group that can stand alone."""
    if group.kind == "size":
        return f"{group.label} atoms"
    return f"elements {group.label}" if group.kind == "elements" else group.label
