"""How the process asks the operating system for memory."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3
_GIGABYTE = 2**30


def keep_freed_memory() -> None:
    """Let glibc keep what is freed, up to a gigabyte, instead of giving it back at once.

    Tensors of some megabytes come and go at every operation of a training step, and each time
    the kernel would have to clear their pages: a quarter of the time of a small network. Other C
    libraries are left alone.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        set_option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    set_option(_MMAP_THRESHOLD, _GIGABYTE)
    set_option(_TRIM_THRESHOLD, _GIGABYTE)
    set_option(_TOP_PAD, _GIGABYTE // 8)
