"""What a run finds out about its machine, and what it changes in Snakemake."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from qm7bench.planning import machine


@pytest.mark.parametrize("device", ["nvidia0", "nvidia12", "kfd", "dxg"])
def test_a_gpu_is_told_by_its_device_file(tmp_path, device):
    (tmp_path / "nvidiactl").touch()
    assert not machine.has_gpu(tmp_path)
    (tmp_path / device).touch()
    assert machine.has_gpu(tmp_path)


@pytest.mark.parametrize(("local", "limit"), [(True, None), (False, "100/1s")])
def test_only_local_jobs_start_without_a_limit_per_second(local, limit):
    scheduler = SimpleNamespace(job_rate_limiter="100/1s")
    machine.schedule_on_events(SimpleNamespace(local_exec=local, scheduler=scheduler))
    assert scheduler.job_rate_limiter == limit
