"""What type checkers see of `__init__.py`, which finds it when it is asked for."""

from qm7bench.shipped.in_python import predict as predict
