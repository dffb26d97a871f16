"""The voice of the training texts most like a text."""

from __future__ import annotations

import numpy as np

from warmline.engine import kernel


def rings(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points near one axis, in either direction, are of one intent, those near another of the other."""
    luck = np.random.RandomState(1)
    wanted = np.arange(count) % 2
    rows = np.eye(6)[wanted] * luck.choice([-1.0, 1.0], count)[:, None] + 0.15 * luck.standard_normal((count, 6))
    return rows.astype(np.float32), wanted


def test_it_sees_what_no_line_parts() -> None:
    """Trained on half of the points, it is right on the other half; one text at a time reads as many do."""
    rows, wanted = rings(200)
    learnt = kernel.fit(rows[:100], wanted[:100], 2)
    scores = learnt.scores(rows[100:])
    assert (scores.argmax(axis=1) == wanted[100:]).mean() > 0.95
    assert np.allclose(learnt.scores(rows[100]), scores[0], atol=1e-5)


def test_an_intent_without_a_text_has_no_voice() -> None:
    """Its scores are 0, and a text of zeros, in training or asked, does no harm."""
    rows, wanted = rings(40)
    rows[0] = 0.0
    scores = kernel.fit(rows, wanted, 3).scores(np.vstack([rows, np.zeros((1, 6), dtype=np.float32)]))
    assert np.allclose(scores[:, 2], 0.0, atol=1e-6)
    assert np.isfinite(scores).all()
