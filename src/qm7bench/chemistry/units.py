"""Units: Angstrom and kcal/mol inside the package, everything else is converted at the door.

Values: CODATA 2018 for the Bohr radius and the Hartree energy; 1 kcal = 4.184 kJ by definition.
"""

from __future__ import annotations

ANGSTROM_PER_BOHR = 0.529177210903
KCAL_PER_MOL_PER_HARTREE = 627.5094740631
KCAL_PER_MOL_PER_EV = 23.060547830619
KCAL_PER_MOL_PER_KJ_PER_MOL = 1.0 / 4.184

ENERGY_UNITS = {
    "kcal/mol": 1.0,
    "kJ/mol": KCAL_PER_MOL_PER_KJ_PER_MOL,
    "eV": KCAL_PER_MOL_PER_EV,
    "Hartree": KCAL_PER_MOL_PER_HARTREE,
}
"""Factor that turns an energy in the named unit into kcal/mol."""
