"""Functions that Numba compiles, for modules that are imported only where that pays.

Numba keeps the machine code, for each kind of processor, in `__pycache__` beside the module, or
where that is not writable in the user's cache folder, or in NUMBA_CACHE_DIR. Where it may write to
neither, each job compiles again, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(signature: str, kept: bool = True) -> Callable[[Function], Function]:
    """Decorator that compiles for these types when the module is imported, or reads the cache."""

    def decorated(function: Function) -> Function:
        # Products and sums may become one instruction; NaN and infinity keep their meaning.
        decorator = njit(signature, cache=kept, fastmath={"contract"}, error_model="numpy")
        try:
            return cast(Function, decorator(function))
        except RuntimeError as error:
            if not kept or "cannot cache" not in str(error):
                raise
            return compiled(signature, kept=False)(function)

    return decorated
