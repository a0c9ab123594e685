"""Means over chances that differ from person to person by a beta distribution, by Gauss-Jacobi quadrature."""

from __future__ import annotations

import numpy as np
import scipy  # not its parts: they are loaded when they are used, and no other command waits for them

from metrics.expectation_counts import Floats

POINTS = 40
"""So many make the mean of what a stayer buys exact to 1e-13 up to a purchase a day, and to 1e-8 at three."""
_NEXT_TO_NOTHING = 1e-300


def mean_until_leaving(a: float, b: Floats, shape: Floats, growth: Floats) -> Floats:
    """E[(1 - (1 + p growth)^-shape) / p] of each row, p beta(a, b): purchases until the first p comes true.

    The published form of it by 2F1 comes out as NaN, or as 0 times infinity, for people who all buy at nearly
    one rate or leave with nearly one chance (shape, a or b of thousands); a sum of positive terms cannot: it
    is finite, at least 0 and at most shape times growth for all parameters above 0.
    """
    distinct, row = np.unique(b, return_inverse=True)
    chances, weights = points(a, distinct)
    total: Floats = np.zeros(len(row))
    for chance, weight in zip(chances.T, weights.T, strict=True):
        p = chance[row]
        total += weight[row] * -np.expm1(-shape * np.log1p(p * growth)) / p
    return total


def points(a: float, b: Floats) -> tuple[Floats, Floats]:
    """Chances and their weights, a row of `POINTS` for each of `b`: sum(weight f(chance)) = E[f(p)], p
    beta(a, b), exactly for polynomials f of a degree below 2 `POINTS`.

    Golub and Welsch (1969): the chances are the eigenvalues of the matrix of the recurrence of the Jacobi
    polynomials, moved from -1..1 to 0..1; the weights are the squares of the first parts of its eigenvectors.
    """
    found = [_points(a, float(one)) for one in b]
    chances, weights = (np.array([one[part] for one in found]).reshape(-1, POINTS) for part in (0, 1))
    return chances, weights


def _points(a: float, b: float) -> tuple[Floats, Floats]:
    j = np.arange(1, POINTS)
    both = 2 * j + a + b
    middle = np.concatenate(([a / (a + b)], 0.5 + (a - b) * (a + b - 2) / (2 * both * (both - 2))))
    # Of j = 1 a + b - 1 stands above and below the line, and may be 0.
    beside = j * (j + a - 1) * (j + b - 1) / ((both - 2) ** 2 * (both - 1))
    beside[1:] *= (j[1:] + a + b - 2) / (both[1:] - 3)
    chances, vectors = scipy.linalg.eigh_tridiagonal(middle, np.sqrt(beside))
    return np.clip(chances, _NEXT_TO_NOTHING, 1), vectors[0] ** 2
