"""Paths below the results folder: patterns and real paths agree, and no other module spells one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from qm7bench.artefacts import geometry_tree
from qm7bench.artefacts import results_tree as tree

SPELLED = re.compile(
    r"results/|" + tree.QUICK + r"|fold(\{|\*)|without\{"
    r"|\b(predictions|inner|history|selection|learning_curves|summary)\.(parquet|csv|md|json)$"
    r"|\b(metrics|model|metadata)\.json$|\bmodel\.npz$"
)
"""What a path below the results folder is told by; sentences, which have blanks, are not paths."""


def _strings(source):
    """Strings of Python code except docstrings; f-strings as they are written."""
    module = ast.parse(source)
    left_out = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Expr | ast.JoinedStr):
            parts = [node.value] if isinstance(node, ast.Expr) else node.values
            left_out |= {id(part) for part in parts}
    for node in ast.walk(module):
        if id(node) not in left_out:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield ast.unparse(node)[2:-1]


def _found_in(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        found = _strings(text)
    else:
        names_of_jobs = r"tree\.(log|benchmark)\(.*?\)"
        found = re.findall(r'"(.*?)"', re.sub(rf"#.*|{names_of_jobs}", "", text))
    return [string for string in found if " " not in string and SPELLED.search(string)]


def test_no_other_module_and_no_rule_spells_a_path_below_the_results(repository):
    files = [*(repository / "src").rglob("*.py"), *(repository / "workflow").rglob("*.smk")]
    files += [repository / "Snakefile", repository / "workflow" / "Snakefile"]
    own = {Path(module.__file__).name for module in (tree, geometry_tree)}
    found = {path.name: strings for path in files if (strings := _found_in(path))}
    assert set(found) == own, found


@pytest.mark.parametrize(
    ("line", "is_path"),
    [
        ('path = f"results/{name}/x"', True),
        ('path = folder / f"fold{k}"', True),
        ('path = folder / "metrics.json"', True),
        ('name = model + "-quick"', True),
        ('"""Writes fold{k}/metrics.json."""', False),
        ('help = "its metadata.json"', False),
        ('page("report.html")', False),
    ],
)
def test_such_a_path_is_recognised(tmp_path, line, is_path):
    file = tmp_path / "module.py"
    file.write_text(line + "\n")
    assert bool(_found_in(file)) == is_path


def test_a_pattern_filled_in_is_the_path_that_code_finds():
    names = {"dataset": "qm7", "feature": "f", "model": "m"}
    entry = tree.EntryFiles(tree.DatasetFiles(Path("results/qm7")).models / "f" / "m")
    assert tree.filled(tree.FIT.predictions, fold=3, **names) == str(entry.fit(3).predictions)
    inner = tree.filled(tree.INNER_FIT.metrics, first=0, second=4, **names)
    assert inner == str(entry.without(0, 4).metrics)
    assert tree.filled(tree.ENTRY.selection, **names) == str(entry.selection)
    assert tree.filled(tree.DATASET, **names) == str(tree.DatasetFiles(Path("results/qm7")).dataset)


def test_the_data_set_of_a_fold_is_that_of_the_same_results(tmp_path):
    results = tree.DatasetFiles(tmp_path / "mine")
    fit = tree.EntryFiles(results.models / "feature" / "model").fit(2)
    for path in (fit.metrics, results.dataset):
        path.parent.mkdir(parents=True)
        path.touch()
    assert fit.dataset.samefile(results.dataset)


def test_finished_folds_are_those_with_metrics_in_ascending_order(tmp_path):
    entry = tree.EntryFiles(tmp_path)
    for fold in (10, 2):
        entry.fit(fold).folder.mkdir()
        entry.fit(fold).metrics.touch()
    entry.fit(3).folder.mkdir()
    assert entry.finished_folds() == [2, 10]


def test_quick_names_end_in_quick():
    assert tree.quick_name("painn") == "painn-quick"
    assert tree.is_quick("painn-quick")
    assert not tree.is_quick("painn")
    assert tree.plain_name("painn-quick") == tree.plain_name("painn") == "painn"
