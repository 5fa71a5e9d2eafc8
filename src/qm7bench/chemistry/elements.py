"""Element symbols by nuclear charge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SYMBOLS = (
    "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy "
    "Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf "
    "Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split()
"""`SYMBOLS[6]` is "C"; X stands for padding."""

CHARGES = {symbol: charge for charge, symbol in enumerate(SYMBOLS) if charge}


def formula(charges: NDArray[np.int64]) -> str:
    """Molecular formula in Hill order, such as C2H6O, of one molecule's charges (0 is padding)."""
    numbers, counts = np.unique(charges[charges > 0], return_counts=True)
    by_symbol = {SYMBOLS[z]: int(n) for z, n in zip(numbers, counts, strict=True)}
    first = [s for s in ("C", "H") if s in by_symbol] if "C" in by_symbol else []
    order = first + sorted(set(by_symbol) - set(first))
    return "".join(s + (str(by_symbol[s]) if by_symbol[s] > 1 else "") for s in order)
