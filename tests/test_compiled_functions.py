"""The decorator that compiles by Numba, where its cache cannot be written and where it fails."""

from __future__ import annotations

import pytest

from qm7bench import compiled_functions


def test_functions_are_compiled_where_no_folder_can_keep_them(monkeypatch):
    def njit(signature, cache, **options):
        def decorator(function):
            if cache:
                raise RuntimeError("cannot cache function 'f': no locator available for file 'x'")
            return signature, function

        return decorator

    monkeypatch.setattr(compiled_functions, "njit", njit)
    assert compiled_functions.compiled("void(f8)")(len) == ("void(f8)", len)


def test_other_failures_to_compile_are_shown(monkeypatch):
    def njit(*words, **options):
        raise RuntimeError("something else")

    monkeypatch.setattr(compiled_functions, "njit", njit)
    with pytest.raises(RuntimeError, match="something else"):
        compiled_functions.compiled("void(f8)")(len)
