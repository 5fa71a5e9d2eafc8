"""Functions that Numba compiles, and the choice between them and those of NumPy.

A module of NumPy has a twin of compiled functions with the same names, which is imported only where
that pays: Numba's import takes half a second. Numba keeps the machine code, for each kind of
processor, in `__pycache__` beside the module, or where that is not writable in the user's cache
folder, or in NUMBA_CACHE_DIR. Where it may write to neither, each job compiles again, which takes
seconds.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


def fastest(plain: str, twin: str, worth: bool) -> Any:
    """Module of the fastest functions: the twin if it is worth its import or there already.

    Parameters
    ----------
    plain, twin : str
        Full names of the modules.
    """
    if worth or twin in sys.modules:
        return _loaded(twin) or sys.modules[plain]
    return sys.modules[plain]


@cache
def _loaded(twin: str) -> ModuleType | None:
    """Compiled functions, unless Numba is missing or does not work with this NumPy."""
    try:
        return importlib.import_module(twin)
    except ImportError:
        return None


def compiled(signature: str, kept: bool = True) -> Callable[[Function], Function]:
    """Decorator that compiles for these types when the module is imported, or reads the cache."""
    import numba

    def decorated(function: Function) -> Function:
        # Products and sums may become one instruction; NaN and infinity keep their meaning.
        decorator = numba.njit(signature, cache=kept, fastmath={"contract"}, error_model="numpy")
        try:
            return cast(Function, decorator(function))
        except RuntimeError as error:
            if not kept or "cannot cache" not in str(error):
                raise
            return compiled(signature, kept=False)(function)

    return decorated
