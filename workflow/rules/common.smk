# What the rules share: the validated settings, the names in paths, and each job's source files.
import os
import sys
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError

from qm7bench.planning.disk import disk_notes
from qm7bench.planning.failed_jobs import errors, leftovers
from qm7bench.planning.geometry import GeometryPlan
from qm7bench.planning.jobs import Plan
from qm7bench.planning.machine import (
    memory_for_a_job,
    python_first_on_path,
    schedule_on_events,
)
from qm7bench.planning.needs import growing
from qm7bench.planning.source_inputs import code, package_file, package_files

from qm7bench.artefacts import geometry_tree
from qm7bench.artefacts import results_tree as tree
from qm7bench.cli import TRACEBACK
from qm7bench.errors import UserError
from qm7bench.installation import has_gpu

python_first_on_path()
# Jobs' logs keep what the terminal is spared.
os.environ.setdefault(TRACEBACK, "1")
started = time.time()
try:
    plan = Plan(config, workflow.configfiles, memory_for_a_job(workflow))
except UserError as error:
    raise WorkflowError(str(error)) from None
needs = plan.needs
geometry = GeometryPlan(plan.settings)


wildcard_constraints:
    dataset=rf"[a-z][a-z0-9_]*{tree.QUICK_OR_NOT}",
    feature=rf"(?!{tree.ENSEMBLE}\b)[a-z][a-z0-9_]*",
    model=rf"[a-z][a-z0-9_]*{tree.QUICK_OR_NOT}",
    ensemble=rf"[a-z][a-z0-9_]*{tree.QUICK_OR_NOT}",
    metric="squared_euclidean|manhattan",
    fold=r"\d+",
    first=r"\d",
    second=r"\d",
    size=r"\d+",
    number=r"\d+",
    parts=r"\d+",
    draw=r"\d+",
    track="|".join(tree.TRACKS),


def final_results():
    """Files of the default target, which only the main process has: it decides `auto`.

    Snakemake reads the rules again for each of a cluster's jobs, where the network may be missing.
    """
    if not workflow.is_main_process:
        return []
    try:
        dataset = plan.target_dataset()
    except UserError as error:
        raise WorkflowError(str(error)) from None
    for note in [
        *plan.notes(),
        *disk_notes(plan.settings, dataset, Path(tree.RESULTS)),
    ]:
        print(note, file=sys.stderr)
    return plan.results(dataset)


def remove_leftovers():
    """Remove what killed jobs left half-written."""
    for path in leftovers(Path(tree.RESULTS)):
        path.unlink(missing_ok=True)


def show_errors():
    """Repeat at the end why jobs failed, which Snakemake leaves to their logs."""
    for error in errors(Path(tree.RESULTS), started):
        print(error, file=sys.stderr)


def on_cluster(group):
    """Group of a job on a cluster; locally there is none, by which a dry run would list its jobs."""
    return None if workflow.local_exec else group


def pretrained_option(w, input):
    """Option of a fit for the pretrained model that it begins with."""
    return f"--pretrained {input.pretrained}" if input.pretrained else ""


def baseline_option(w, input):
    """Option of a job for the energies that its model learns to correct."""
    return f"--baseline {input.baseline}" if input.baseline else ""


def show_leaderboard():
    """Print the best entries, with which a run ends, and where to read on."""
    # Only here, as it imports pandas, which would slow down every job's start.
    from qm7bench.leaderboard.terminal import closing_words

    print(closing_words(plan.target_dataset()))
