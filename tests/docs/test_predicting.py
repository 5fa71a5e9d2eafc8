"""The example of `qm7bench.predict` in the documentation does what the page says."""

from __future__ import annotations

import contextlib
import io
import re

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def test_the_example_runs_and_prints_what_the_page_shows(repository):
    page = (repository / "docs" / "predicting.md").read_text(encoding="utf-8")
    section = page.split("## In Python")[1].split("\n## ")[0]
    (kind, code), (_, shown) = FENCED.findall(section)
    assert kind == "python"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "docs/predicting.md", "exec"), {})
    lines = [line.rstrip() for line in printed.getvalue().splitlines()]
    assert lines == shown.splitlines()


def test_the_readme_example_runs(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    section = text.split("## Predict your own molecules")[1].split("\n## ")[0]
    ((_, code),) = FENCED.findall(section)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert re.fullmatch(r"\[-8\d\d\.\d+\]", printed.getvalue().strip())
