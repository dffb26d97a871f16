"""
Rasa's cross-validation, made to end: ``rasa test nlu --cross-validation`` reads the examples it trained on as well,
turns each text into its embeddings anew in every fold, and says nothing for as long as that takes.
"""

from typing import Any, Iterator, List, Sequence, Type

import numpy as np

from warmline.engine.featurizer import EMBEDDERS


def apply() -> None:
    """Mend it in this process: a text is embedded once, only what was left out is read, and each step prints a line."""
    import rasa.nlu.test as testing

    for embedder, _ in EMBEDDERS.values():
        _remember(embedder)
    folds, combine = testing.generate_folds, testing.combine_result

    def told_folds(n: int, training_data: Any) -> Iterator[Any]:
        for number, (train, test) in enumerate(folds(n, training_data), 1):
            _tell(f"fold {number} of {n}: training with {len(train.intent_examples)} examples")
            yield train, test
        _tell("writing Rasa's reports and pictures")

    async def combine_left_out(*given: Any, **named: Any) -> Any:
        data, wanted = given[4], given[5:] or named
        if not wanted:  # the examples it was trained with, of which Rasa only logs a figure
            return given[:3]
        _tell(f"  reading the {len(data.intent_examples)} that were left out")
        return await combine(*given, **named)

    testing.generate_folds, testing.combine_result = told_folds, combine_left_out


def _remember(embedder: Type[Any]) -> None:
    """Each text's row is worked out once in this process."""
    embed, known = embedder.embed, {}

    def remembered(self: Any, texts: Sequence[str]) -> np.ndarray:
        new: List[str] = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(self, new), strict=True))
        return np.stack([known[text] for text in texts]) if texts else embed(self, texts)

    embedder.embed = remembered


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (`warmline test --folds` shows it)
