"""`python -m qm7bench`."""

from qm7bench.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
