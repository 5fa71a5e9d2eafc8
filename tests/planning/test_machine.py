"""What a run finds out about its machine, and what it changes in Snakemake."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from qm7bench.planning import machine


@pytest.fixture
def run(monkeypatch):
    """A run of Snakemake, locally or not, with the resources that it was given."""
    monkeypatch.delenv(machine.MEMORY, raising=False)

    def of(main=True, nodes=None, **resources):
        given = {name: SimpleNamespace(value=value) for name, value in resources.items()}

        class Resources(dict):
            def __setitem__(self, name, value):
                super().__setitem__(name, SimpleNamespace(value=value))

            def setdefault(self, name, value):
                if name not in self:
                    self[name] = value

        return SimpleNamespace(is_main_process=main, nodes=nodes, global_resources=Resources(given))

    return of


def test_a_local_job_can_have_the_machines_memory_which_bounds_the_jobs_side_by_side(run):
    local = run()
    assert machine.memory_for_a_job(local) == machine.machine_memory()
    assert local.global_resources["mem_mb"].value == machine.machine_memory()


def test_memory_given_on_the_command_line_counts_instead(run):
    assert machine.memory_for_a_job(run(mem_mb=900)) == 900


def test_on_a_cluster_the_nodes_memory_counts_and_not_the_login_nodes(run):
    assert machine.memory_for_a_job(run(nodes=100, node_mem_mb=64000, mem_mb=5)) == 64000
    unknown = run(nodes=100)
    assert machine.memory_for_a_job(unknown) is None
    assert not unknown.global_resources


@pytest.mark.parametrize("given", [{"nodes": 100, "node_mem_mb": 64000}, {"nodes": 100}, {}])
def test_a_clusters_job_leaves_out_what_the_run_that_started_it_does(run, given):
    found = machine.memory_for_a_job(run(**given))
    assert machine.memory_for_a_job(run(main=False)) == found


@pytest.mark.parametrize(
    ("line", "file"),
    [("0::/jobs/mine", "jobs/memory.max"), ("4:memory:/a", "memory/a/memory.limit_in_bytes")],
)
def test_a_control_groups_memory_is_that_of_the_machine(tmp_path, line, file):
    own, limit = tmp_path / "own", tmp_path / "groups" / file
    own.write_text(f"9:name=systemd:/\n{line}\n")
    limit.parent.mkdir(parents=True)
    limit.write_text(f"{200 * 2**20}\n")
    assert machine.machine_memory(tmp_path / "groups", own) == 190
    limit.write_text("max\n")
    assert machine.machine_memory(tmp_path / "groups", own) > 190


@pytest.mark.parametrize(("local", "limit"), [(True, None), (False, "100/1s")])
def test_only_local_jobs_start_without_a_limit_per_second(local, limit):
    scheduler = SimpleNamespace(job_rate_limiter="100/1s")
    machine.schedule_on_events(SimpleNamespace(local_exec=local, scheduler=scheduler))
    assert scheduler.job_rate_limiter == limit
