# What the rules share: the validated settings, the names in paths, and each job's source files.
import os
import sys
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError

from qm7bench.planning.failed_jobs import errors, leftovers
from qm7bench.planning.jobs import Plan, growing, has_gpu, python_first_on_path
from qm7bench.planning.source_inputs import code, package_file, package_files

from qm7bench.artefacts import results_tree as tree
from qm7bench.cli import TRACEBACK
from qm7bench.errors import UserError

python_first_on_path()
# Jobs' logs keep what the terminal is spared.
os.environ.setdefault(TRACEBACK, "1")
started = time.time()
try:
    plan = Plan(config, workflow.configfiles)
except UserError as error:
    raise WorkflowError(str(error)) from None
if workflow.is_main_process:
    for note in plan.notes():
        print(note, file=sys.stderr)


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
    draw=r"\d+",


def target_dataset():
    """Data set of the default target; `auto` is decided in the main process only."""
    try:
        return plan.target_dataset(workflow.is_main_process)
    except UserError as error:
        raise WorkflowError(str(error)) from None


def schedule_on_events():
    """Let the scheduler look for jobs when one has ended, and not every second besides.

    For a limit of jobs per second, which is for clusters, Snakemake looks at all input files again
    every second, once for each job so far: half a core in a run of 200 jobs.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def remove_leftovers():
    """Remove what killed jobs left half-written."""
    if workflow.is_main_process:
        for path in leftovers(Path(tree.RESULTS)):
            path.unlink(missing_ok=True)


def show_errors():
    """Repeat at the end why jobs failed, which Snakemake leaves to their logs."""
    for error in errors(Path(tree.RESULTS), started):
        print(error, file=sys.stderr)


def cluster_group(w):
    """Group of a job on a cluster; locally there is none to list and to plan."""
    return None if workflow.local_exec else plan.group(w)


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

    print(closing_words(target_dataset()))
