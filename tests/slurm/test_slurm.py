"""The small workflow on a real Slurm: what was submitted, and that the table is the same."""

from __future__ import annotations

import pytest
from slurm_workflow import cancel, set_node

pytestmark = pytest.mark.slow


PARTS = 4
"""Of the kernel of `large_local_kernel_ridge`, a Slurm job each."""


def gpus_asked(job):
    """What a job's record says of GPUs."""
    return {value for key, value in job.items() if key.startswith("Tres") and "gpu" in value}


def asked(job):
    """CPUs, memory and time that a job asked for."""
    tres = dict(part.split("=") for part in job["TRES"].split(","))
    return int(tres["cpu"]), tres["mem"], job["TimeLimit"]


def test_the_final_table_and_every_prediction_are_those_of_a_local_run(slurm_run, local_run):
    assert len(slurm_run.table()) == 9
    assert slurm_run.table() == local_run.table()
    assert len(slurm_run.table("learning_curves")) == 3
    assert slurm_run.table("learning_curves") == local_run.table("learning_curves")
    assert slurm_run.predictions() == local_run.predictions()


def test_every_slurm_job_finished_on_the_partition_of_its_kind(submitted):
    jobs = submitted()
    assert {job["JobState"] for job in jobs} == {"COMPLETED"}
    for job in jobs:
        assert job["Partition"] == ("gpu" if "_gpu_" in job["Comment"] else "cpu"), job["Comment"]


def test_gpu_jobs_ask_for_one_gpu_and_no_other_job_for_any(submitted, settings):
    with_gpu = [job for job in submitted() if gpus_asked(job)]
    assert [gpus_asked(job) for job in with_gpu] == [{"gres:gpu:1"}] * len(settings["folds"])
    assert all("rule_fit_gpu_" in job["Comment"] for job in with_gpu)
    assert all("multilayer_perceptron" in job["Comment"] for job in with_gpu)


def test_light_jobs_share_slurm_jobs_and_heavy_ones_do_not(submitted):
    rules = [job["Comment"].split("_wildcards_")[0] for job in submitted()]
    assert sorted(rules) == sorted(
        ["rule_feature"] * 4
        + ["rule_light_fits_fit", "rule_light_rows_fit_select", "rule_light_points_curve_point"]
        + ["rule_distances", "rule_kernels", "rule_select", "rule_fit", "rule_fit"]
        + ["rule_prepare_parts", *["rule_part"] * PARTS]
        + ["rule_fit_gpu"] * 2
        + ["rule_combinations_combine", "rule_learning_curves", "rule_summary"]
        + ["rule_beyond_tables_beyond", "rule_report"]
    )


def test_the_data_set_is_made_where_snakemake_runs(slurm_run, submitted):
    assert "localrule dataset:" in slurm_run.log()
    assert not submitted("rule_dataset")


def test_a_job_asks_for_what_its_model_says(submitted):
    (selection,) = submitted("rule_select_")
    assert asked(selection) == (2, "1500M", "00:45:00")
    assert {asked(job) for job in submitted("rule_fit_gpu_")} == {(1, "1200M", "00:30:00")}


def test_a_shared_slurm_job_asks_for_the_time_of_all_and_the_memory_of_one(submitted):
    (fits,) = submitted("light_fits")
    assert asked(fits) == (1, "2000M", "00:50:00")  # 5 fits, 10 minutes each
    (rows,) = submitted("light_rows")
    assert asked(rows) == (1, "1000M", "01:30:00")  # 3 rows, a selection and 2 fits in each


def test_slurm_jobs_of_their_own_do_not_take_turns(submitted):
    """Turns are inside one Slurm job; limits of the whole run would submit these one by one."""
    first, second = (job for job in submitted() if job["Comment"].startswith("rule_fit_wildcards"))
    assert second["SubmitTime"] < first["EndTime"]


def test_nothing_is_left_to_do_locally(slurm_run):
    process = slurm_run.start("--dry-run")
    slurm_run.finish(process)
    assert "Nothing to be done" in slurm_run.log().splitlines()[-1]


def test_a_cancelled_job_is_submitted_again_with_more_memory_and_time(slurm_run, local_run):
    process = slurm_run.start_on_slurm("--forcerun", "fit_gpu")
    cancelled = slurm_run.wait_for_job("rule_fit_gpu_", process, JobState="RUNNING")
    cancel(cancelled)
    slurm_run.finish(process)
    same = [j for j in slurm_run.slurm_jobs() if j["Comment"] == cancelled["Comment"]]
    states = [(job["JobState"], *asked(job)) for job in same]
    assert states[-2:] == [
        ("CANCELLED", 1, "1200M", "00:30:00"),
        ("COMPLETED", 1, "2400M", "01:00:00"),
    ]
    assert slurm_run.table() == local_run.table()
    assert slurm_run.predictions() == local_run.predictions()


def test_a_drained_node_delays_the_run_and_loses_nothing(slurm_run, local_run):
    before = len(slurm_run.slurm_jobs())
    process = slurm_run.start_on_slurm("--forcerun", "distances")
    slurm_run.wait_for_job("rule_distances_", process, JobState="RUNNING")
    try:
        set_node("drain")
        slurm_run.wait_for_job("rule_select_", process, JobState="PENDING", Reason="DRAINED")
    finally:
        set_node("resume")
    slurm_run.finish(process)
    states = [job["JobState"] for job in slurm_run.slurm_jobs()[before:]]
    assert states == ["COMPLETED"] * len(states)
    assert slurm_run.table() == local_run.table()
    assert slurm_run.predictions() == local_run.predictions()
