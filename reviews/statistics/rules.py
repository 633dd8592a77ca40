"""The model of raters and ratees (RULES.md section 7). No Django, no database; arrays in, arrays out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, cg
from scipy.stats import f

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

#: What keeps a rater's leniency and a ratee's effect near 0 where there are few observations.
RATER_PENALTY, RATEE_PENALTY = 1.0, 0.01
#: Beyond this many points (strictly), with at least so many ratees, a rater is called severe or lenient.
BAND, LEAST_RATEES = 10.0, 3
#: Below this standard deviation, with at least so many ratees, a rater's spread is flagged.
LEAST_SPREAD, LEAST_FOR_SPREAD = 3.0, 5
#: The solution is exact to far more than the 4 decimals that are stored.
TOLERANCE, MOST_STEPS = 1e-13, 5000
#: A mean square (of points of 0-100) below this is none: floats don't add up to 0.
NOTHING = 1e-12


@dataclass(frozen=True)
class RaterModel:
    """mu, each rater's leniency g and each ratee's effect b, in points of 0-100, in the order of their places."""

    mean: float
    leniency: Floats
    effect: Floats

    @property
    def estimates(self) -> Floats:
        """What the model itself takes each ratee for: mu + b."""
        return self.mean + self.effect


def rater_model(raters: Places, ratees: Places, y: Floats) -> RaterModel:
    """Return the least-squares model of observations y[i] (0-100) by rater places[i] of ratee places[i].

    Minimises sum (y - mu - b - g)^2 + 1 * sum g^2 + 0.01 * sum b^2 with mu unpenalised. Places run from 0 without
    gaps. Each ratee's effect follows from the rest, so what is solved for is the leniencies and mu.
    Raises ValueError without observations.
    """
    if not len(y):
        raise ValueError("no observations")
    n_raters, n_ratees = int(raters.max()) + 1, int(ratees.max()) + 1
    of_ratee = np.bincount(ratees, minlength=n_ratees) + RATEE_PENALTY

    def without_ratees(values: Floats) -> Floats:
        """What is left of values after each ratee's best effect is taken out."""
        sums = np.bincount(ratees, weights=values, minlength=n_ratees)
        return values - (sums / of_ratee)[ratees]

    def folded(values: Floats) -> Floats:
        return np.append(np.bincount(raters, weights=values, minlength=n_raters), values.sum())

    def applied(x: Floats) -> Floats:
        x = np.asarray(x).ravel()
        out = folded(without_ratees(x[raters] + x[-1]))
        out[:-1] += RATER_PENALTY * x[:-1]
        return out

    size = n_raters + 1
    scale = folded(1 - 1 / of_ratee[ratees])
    scale[:-1] += RATER_PENALTY
    scale[-1] = (RATEE_PENALTY / of_ratee[ratees]).sum()
    known = folded(without_ratees(y - y.mean()))
    system = LinearOperator((size, size), matvec=applied, dtype=np.float64)
    eased = LinearOperator((size, size), matvec=lambda x: np.asarray(x).ravel() / scale, dtype=np.float64)
    found, steps = cg(system, known, rtol=TOLERANCE, atol=0.0, maxiter=MOST_STEPS, M=eased)
    if steps > 0:
        raise ArithmeticError("the model of raters did not settle")
    mean = float(found[-1] + y.mean())
    left = np.bincount(ratees, weights=y - mean - found[:-1][raters], minlength=n_ratees)
    return RaterModel(mean, found[:-1], left / of_ratee)


def leniency_band(leniency: float, ratees: int) -> str:
    """Return severe, typical or lenient; "" for a rater with too few ratees to say."""
    if ratees < LEAST_RATEES:
        return ""
    return "lenient" if leniency > BAND else "severe" if leniency < -BAND else "typical"


def spread(values: Sequence[float]) -> float | None:
    """Return the standard deviation (n - 1) of a rater's scores; None for fewer than five ratees."""
    return float(np.std(values, ddof=1)) if len(values) >= LEAST_FOR_SPREAD else None


def has_no_spread(value: float | None) -> bool:
    """Whether a rater's spread is flagged."""
    return value is not None and value < LEAST_SPREAD


@dataclass(frozen=True)
class Reliability:
    """How far raters agree about whom they rate: ICC(1) of one rater with its 95% interval, and of the usual mean.

    `raters` is the average number of raters that stands for each ratee in an unbalanced cycle (k0), `of_mean` the
    reliability of the mean of so many.
    """

    icc: float
    low: float
    high: float
    of_mean: float
    raters: float
    ratees: int
    n: int


def reliability(ratees: Places, y: Floats) -> Reliability | None:
    """Return ICC(1) of observations y of ratee places; None where it can't be told (one ratee, no second rater).

    One-way analysis of variance with unequal groups: k0 = (N - sum n_i^2 / N) / (a - 1), and with MSB and MSW the
    mean squares between and within ratees ICC(1) = (MSB - MSW) / (MSB + (k0 - 1) MSW). The interval is that of Shrout
    and Fleiss (Psychological Bulletin 86, 1979, p. 424) with k0 for k (Donner, International Statistical Review 54,
    1986): F = MSB / MSW, F_L = F / F(0.975; a - 1, N - a), F_U = F * F(0.975; N - a, a - 1), each end
    (F - 1) / (F + k0 - 1). The mean of k0 raters: (MSB - MSW) / MSB, at least 0.
    """
    counts = np.bincount(ratees).astype(float)
    counts = counts[counts > 0]
    n, people = len(y), len(counts)
    if people < 2 or n <= people:
        return None
    all_counts = np.bincount(ratees)
    means = np.bincount(ratees, weights=y) / np.maximum(all_counts, 1)
    between = float((all_counts * (means - y.mean()) ** 2).sum()) / (people - 1)
    within = float(((y - means[ratees]) ** 2).sum()) / (n - people)
    k0 = float((n - (counts**2).sum() / n) / (people - 1))
    if within < NOTHING:
        return Reliability(1.0, 1.0, 1.0, 1.0, k0, people, n) if between >= NOTHING else None
    ratio = between / within
    ends = (ratio / f.ppf(0.975, people - 1, n - people), ratio * f.ppf(0.975, n - people, people - 1))
    icc, low, high = (float((value - 1) / (value + k0 - 1)) for value in (ratio, *ends))
    return Reliability(icc, low, high, max(1 - 1 / ratio, 0.0) if ratio > 0 else 0.0, k0, people, n)


def reliability_band(value: float) -> str:
    """Return poor, fair, good or excellent (Cicchetti, Psychological Assessment 6, 1994: 0.40, 0.60, 0.75)."""
    return "excellent" if value >= 0.75 else "good" if value >= 0.6 else "fair" if value >= 0.4 else "poor"


def gap_band(own: float, others: float) -> str:
    """Return whether somebody sees themselves higher or lower than others do (beyond +-10, strictly), or alike."""
    gap = own - others
    return "higher" if gap > BAND else "lower" if gap < -BAND else "alike"
