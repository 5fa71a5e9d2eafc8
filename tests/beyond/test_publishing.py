"""Publishing of what is predicted for relaxed geometries."""

from __future__ import annotations

import pytest

from qm7bench.artefacts.artefact import write_json
from qm7bench.artefacts.geometry_tree import GeometryFiles
from qm7bench.beyond.publishing import publish_geometry


@pytest.fixture
def results(tmp_path):
    """Folder of a run that made the table."""
    files = GeometryFiles.of(tmp_path / "results")
    files.predictions.parent.mkdir(parents=True)
    files.table.write_text("feature,model\n")
    files.predictions.write_bytes(b"PAR1")
    write_json(files.provenance, {"made_by": {"radius_graph/painn": {}}})
    return tmp_path / "results"


def test_table_predictions_and_provenance_are_copied(results, tmp_path):
    published = tmp_path / "published"
    assert publish_geometry(results, published)
    for source, copy in zip(
        GeometryFiles.of(results).all(), GeometryFiles.of(published).all(), strict=True
    ):
        assert copy.read_bytes() == source.read_bytes()


def test_a_run_without_the_table_publishes_none(results, tmp_path):
    GeometryFiles.of(results).table.unlink()
    assert not publish_geometry(results, tmp_path / "published")
    assert not publish_geometry(tmp_path / "nothing", tmp_path / "published")
    assert not (tmp_path / "published").exists()


def test_a_quick_budget_is_never_published(results, tmp_path):
    write_json(GeometryFiles.of(results).provenance, {"made_by": {"radius_graph/painn-quick": {}}})
    assert not publish_geometry(results, tmp_path / "published")
    assert not (tmp_path / "published").exists()
