"""
Kernel ridge regression: which intents the training texts most like a text have (Gaussian kernel; Saunders et al. 1998).

It sees what a line between intents misses, and misses what such a line sees: added to logistic regression it is worth
half a point of accuracy (docs/measurements.md). Texts are compared in the few directions in which those of the training
differ most, so that one text costs a fraction of a millisecond.
"""

from typing import NamedTuple

import numpy as np

DIRECTIONS = 256
WIDTH = 1.0
"""The kernel of two texts is e to the power of -WIDTH times their squared distance, as unit vectors."""
RIDGE = 0.1
MOST = 10_000
"""With more training texts than this, time and memory grow out of proportion, and the gain is gone."""


class Kernel(NamedTuple):
    """
    What was learnt. *directions* (features x DIRECTIONS at most) lead to where the training texts lie as *places*
    (texts x directions), each with *weights* (texts x intents).
    """

    directions: np.ndarray
    places: np.ndarray
    weights: np.ndarray

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """About 1 for the intent of a text (rows: texts x features, or one text) and about 0 for each other one."""
        found: np.ndarray = alike(unit(rows @ self.directions), self.places) @ self.weights
        return found


def fit(rows: np.ndarray, wanted: np.ndarray, intents: int) -> Kernel:
    """Learn that text *rows*[n] has the intent *wanted*[n], of so many *intents*."""
    import scipy.linalg

    _, directions = scipy.linalg.eigh(
        (rows.T @ rows).astype(np.float64), subset_by_index=[max(rows.shape[1] - DIRECTIONS, 0), rows.shape[1] - 1]
    )
    directions = directions.astype(np.float32)
    places = unit(rows @ directions)
    between = alike(places, places).astype(np.float64)
    between[np.diag_indices(len(between))] += RIDGE
    right = np.eye(intents)[wanted]
    weights = scipy.linalg.solve(between, right, assume_a="pos", overwrite_a=True, check_finite=False)
    return Kernel(directions, places, weights.astype(np.float32))


def alike(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The kernel of each of *some* unit vectors with each of *others*."""
    found: np.ndarray = np.exp(2 * WIDTH * (some @ others.T - 1))
    return found


def unit(rows: np.ndarray) -> np.ndarray:
    """Each row at length 1; a row of zeros stays one."""
    found: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return found
