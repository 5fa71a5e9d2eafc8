"""Every page and drawing of docs/ that is made from something else."""

from __future__ import annotations

from pathlib import Path

from qm7bench.artefacts.results_tree import PUBLISHED, filled
from qm7bench.documentation.architecture import rooms_drawing, rooms_table
from qm7bench.documentation.beyond import beyond_page
from qm7bench.documentation.configuration import configuration_page
from qm7bench.documentation.plugins import page
from qm7bench.documentation.replication import replication_table
from qm7bench.leaderboard.documents import replaced
from qm7bench.leaderboard.markdown import columns_to_markdown

SCHEMA = Path("workflow/schemas/config.schema.yaml")
SUMMARY = filled(PUBLISHED.summary, dataset="qm7")
ROOMS = ("<!-- rooms: made by `qm7bench document` -->", "<!-- end of rooms -->")
COLUMNS = ("<!-- columns: made by `qm7bench document` -->", "<!-- end of columns -->")
STUDY = ("<!-- replication: made by `qm7bench document` -->", "<!-- end of replication -->")


def generated(repository: Path, docs: Path) -> dict[str, str]:
    """Text of each file, by its name in the folder docs.

    Parameters
    ----------
    repository
        Its root, with the configuration's schema and the published results.
    docs
        Folder of the pages; of those that are made in part, the other part is read there.
    """
    architecture, beyond, replication, results = (
        (docs / f"{name}.md").read_text(encoding="utf-8")
        for name in ("architecture", "beyond", "replication", "results")
    )
    return {
        "features.md": page("features"),
        "models.md": page("models"),
        "configuration.md": configuration_page(repository / SCHEMA),
        "architecture.md": replaced(architecture, rooms_table(), ROOMS),
        "architecture.svg": rooms_drawing(),
        "beyond.md": beyond_page(beyond, repository),
        "results.md": replaced(results, columns_to_markdown(), COLUMNS),
        "replication.md": replaced(replication, replication_table(repository / SUMMARY), STUDY),
    }
