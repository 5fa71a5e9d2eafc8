"""The Slurm profile names every rule that it must: those with a GPU, and those that share a job."""

from __future__ import annotations

import re

import pytest
import yaml


@pytest.fixture(scope="module")
def rules(repository):
    """Text of each rule, by its name; of a rule made from another, only what it changes."""
    texts = [p.read_text(encoding="utf-8") for p in (repository / "workflow").rglob("*.smk")]
    parts = re.split(r"^(?:use rule \w+ as|rule) (\w+).*:$", "\n".join(texts), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def profile(repository):
    path = repository / "workflow" / "profiles" / "slurm" / "config.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_rule_with_a_gpu_and_no_other_is_on_the_gpu_partition(rules, profile):
    with_gpu = {name for name, text in rules.items() if re.search(r"^ +gpu=", text, re.M)}
    assert with_gpu == {name for name in rules if name.endswith("_gpu")}
    partitions = profile["set-resources"].items()
    assert with_gpu == {name for name, own in partitions if own.get("slurm_partition") == "gpu"}


def test_every_rule_whose_jobs_share_a_slurm_job_takes_turns(rules, profile):
    shared = {name for name, text in rules.items() if re.search(r"^ +group:$", text, re.M)}
    assert shared == {n for n, own in profile["set-resources"].items() if own.get("turn") == 1}


def test_the_profile_names_no_rule_that_is_not_there(rules, profile):
    assert set(profile["set-resources"]) <= set(rules)
