"""
Three things about calling custom actions that Rasa does badly, mended in one place by :func:`apply`.

*Validation*: Rasa re-checks its own constant schema on every call, which is nearly the whole cost of a custom action
(60 ms against 12 ms). Here the validator is built once; what it refuses is the same.

*Failure*: when a custom action fails, Rasa logs the whole request, the customer's words included, and goes on as if the
action had done nothing. Here the log gets the action's name and what kind of failure it was, and the failure is noted
for the turn (:func:`watching`), so that the channel can refuse instead of answering with half of an answer.

*Domain*: with ``enable_selective_domain`` an action gets no domain, which saves most of what a call carries; but
rasa-sdk 3.21 answers 449 to a call without one. An empty one is what it accepts, and none of our actions reads it.
"""

import contextvars
from typing import Any, Dict, List, Optional

from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.exceptions import RasaException

_failures: "contextvars.ContextVar[Optional[List[str]]]" = contextvars.ContextVar("failed actions", default=None)


def watching() -> List[str]:
    """Start to note failed actions of the present task; returns the list that they will be in, as ``name: kind``."""
    failed: List[str] = []
    _failures.set(failed)
    return failed


def apply() -> None:
    """Mend RemoteAction. Calling it again changes nothing."""
    if getattr(RemoteAction, "mended", False):
        return
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)
    run, call_format = RemoteAction.run, RemoteAction._action_call_format

    def call_with_some_domain(self: RemoteAction, *args: Any, **kwargs: Any) -> Dict[str, Any]:
        call = call_format(self, *args, **kwargs)
        call.setdefault("domain", {})
        return call

    def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    async def run_and_note(self: RemoteAction, *args: Any, **kwargs: Any) -> Any:
        try:
            return await run(self, *args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as wrong:
            cause = wrong.__cause__ or wrong
            status = getattr(cause, "status", None)
            kind = type(cause).__name__ + (f" {status}" if status else "")
            failed = _failures.get()
            if failed is not None:
                failed.append(f"{self.name()}: {kind}")
            raise RasaException(f"The action {self.name()} failed: {kind}") from None

    RemoteAction._validate_action_result = validate_action_result
    RemoteAction._action_call_format = call_with_some_domain
    RemoteAction.run = run_and_note
    RemoteAction.mended = True
