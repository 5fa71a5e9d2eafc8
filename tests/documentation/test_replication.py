"""The replicated study's figures beside ours."""

from __future__ import annotations

from qm7bench.documentation.replication import replication_table

SUMMARY = """feature,model,folds,mae,document_mae,document_ours,document_replicated
spectrum,ridge,0 1 2 3 4,20.7,32.54,20.71,False
graph,network,0 1,3.111,2.0321,2.15,True
matrix,kernel,0 1 2 3 4,16.7,15.7,16.72,False
spectrum,mean,0 1 2 3 4,179.0,,,
"""


def test_entries_with_a_figure_stand_in_its_order_with_the_verdict(tmp_path):
    file = tmp_path / "summary.csv"
    file.write_text(SUMMARY, encoding="utf-8")
    assert replication_table(file).splitlines()[2:] == [
        "| `graph` | `network` | 2.03 | 2.15 | ✓ | 3.11 (folds 0 1) |",
        "| `matrix` | `kernel` | 15.70 | 16.72 | ▲ | 16.70 |",
        "| `spectrum` | `ridge` | 32.54 | 20.71 | ▼ | 20.70 |",
    ]
