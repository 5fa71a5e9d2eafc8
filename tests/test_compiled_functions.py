"""Compiled functions: which are worth their import, where Numba is missing or cannot cache."""

from __future__ import annotations

import subprocess
import sys

import numba
import pytest

from qm7bench import compiled_functions
from qm7bench.features import _fchl19_compiled, _fchl19_sums
from qm7bench.regression import compiled_pair_sums, pair_sums

TWINS = [(pair_sums, compiled_pair_sums), (_fchl19_sums, _fchl19_compiled)]
FEW = """
import sys
import {module} as plain
assert plain.functions_for(plain.WORTH_COMPILED - 1) is plain
print("numba" in sys.modules)
"""
ABSENT = """
import sys
sys.modules["numba"] = None
import {module} as plain
for _ in range(2):
    print(plain.functions_for(10**12) is plain)
"""


@pytest.mark.parametrize(("plain", "twin"), TWINS, ids=str)
def test_much_work_is_worth_the_compiled_functions(plain, twin):
    assert plain.functions_for(plain.WORTH_COMPILED) is twin


@pytest.mark.parametrize("plain", [plain.__name__ for plain, _ in TWINS])
@pytest.mark.parametrize(("program", "printed"), [(FEW, "False"), (ABSENT, "True True")])
def test_numpy_serves_where_numba_is_missing_or_not_worth_its_import(plain, program, printed):
    words = [sys.executable, "-c", program.format(module=plain)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.split()) == printed


def test_functions_are_compiled_where_no_folder_can_keep_them(monkeypatch):
    def njit(signature, cache, **options):
        def decorator(function):
            if cache:
                raise RuntimeError("cannot cache function 'f': no locator available for file 'x'")
            return signature, function

        return decorator

    monkeypatch.setattr(numba, "njit", njit)
    assert compiled_functions.compiled("void(f8)")(len) == ("void(f8)", len)


def test_other_failures_to_compile_are_shown(monkeypatch):
    def njit(*words, **options):
        raise RuntimeError("something else")

    monkeypatch.setattr(numba, "njit", njit)
    with pytest.raises(RuntimeError, match="something else"):
        compiled_functions.compiled("void(f8)")(len)
