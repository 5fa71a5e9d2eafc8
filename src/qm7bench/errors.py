"""Errors that a user can do something about.

The command line prints the message of a `UserError` as one line and exits with status 1; any other
exception is a bug of the program and keeps its traceback. A message says where, what was found,
and what is allowed or what to do.
"""

from __future__ import annotations


class UserError(Exception):
    """Base class of everything that the user can put right."""


class ConfigurationError(UserError):
    """A key of the configuration is wrong; the message has one line for each error."""


class DataSetError(UserError):
    """A data set's file is missing, damaged, or not what it should be."""


class GeometryError(UserError):
    """A molecule's geometry cannot be used, for example because two atoms coincide."""


class ArtefactError(UserError):
    """An artefact is missing, damaged, or of another kind than its reader expects."""


class MissingPackageError(UserError):
    """A package of an extra is needed and not installed; the message has the command to run."""


class PredictionsError(UserError):
    """Predictions to score cannot be read, or are not energies of the molecules that they name."""


class ModelError(UserError):
    """A model cannot be fitted to, or asked about, what it was given."""


def counted(number: int, noun: str) -> str:
    """Number and noun for a message: 1 molecule, 1,000 molecules."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
