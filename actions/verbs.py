"""
The words for what each last question would do: a yes may say them again ("yes, cancel it"). What learns how a yes
sounds reads them too (bench/judgement).
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CANCEL = _words(
    "cancel cancellation cancelling canceling order bin scrap kill drop axe terminate off annul withdraw rescind void "
    "revoke"
)
END = _words(
    "end cancel stop finish terminate bin kill box subscription fern off close discontinue cease termination "
    "cancellation"
)
BOOK = _words("book booking reserve make schedule confirm visit appointment slot showroom")
DELETE = _words("delete deletion erase erasure remove removal wipe purge clear expunge destroy data personal")
CHANGE = _words("change update put set use send address amend alter modify switch correct record save")
SEND = _words("send mail email e-mail forward return label order")
