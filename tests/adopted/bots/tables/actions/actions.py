from typing import Any, Dict, List, Text

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


class ValidateTableForm(FormValidationAction):
    def name(self) -> Text:
        return "validate_table_form"

    def validate_people(
        self,
        slot_value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Dict[Text, Any],
    ) -> Dict[Text, Any]:
        number = NUMBERS.get(str(slot_value).lower(), slot_value)
        if str(number).isdigit() and 0 < int(number) <= 12:
            return {"people": str(number)}
        dispatcher.utter_message(text="We can only seat up to 12 people.")
        return {"people": None}

    def validate_seating(
        self,
        slot_value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Dict[Text, Any],
    ) -> Dict[Text, Any]:
        for known in ("inside", "outside"):
            if known in str(slot_value).lower():
                return {"seating": known}
        return {"seating": None}


class ActionBookTable(Action):
    def name(self) -> Text:
        return "action_book_table"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
    ) -> List[Dict[Text, Any]]:
        reference = f"T{tracker.get_slot('people')}7"
        dispatcher.utter_message(response="utter_booked", booking_ref=reference)
        return [SlotSet("booking_ref", reference), SlotSet("people", None), SlotSet("seating", None)]


class ActionAllergens(Action):
    def name(self) -> Text:
        return "action_allergens"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
    ) -> List[Dict[Text, Any]]:
        raise ConnectionError("kitchen database is not reachable")
