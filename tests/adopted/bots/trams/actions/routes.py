import networkx as nx
from rasa_sdk import Action

NET = nx.Graph()
NET.add_edge("Harbour", "Market", tram=4)
NET.add_edge("Market", "Castle", tram=2)
NET.add_edge("Market", "Zoo", tram=7)


class ActionFindRoute(Action):
    def name(self):
        return "action_find_route"

    def run(self, dispatcher, tracker, domain):
        stops = tracker.get_slot("stops") or []
        if len(stops) < 2:
            dispatcher.utter_message(text="From where to where?")
            return []
        way = nx.shortest_path(NET, stops[0], stops[-1])
        legs = [f"tram {NET.edges[a, b]['tram']} to {b}" for a, b in zip(way, way[1:])]
        dispatcher.utter_message(text="Take " + ", then ".join(legs) + ".")
        return []


class ActionDelays(Action):
    def name(self):
        return "action_delays"

    def run(self, dispatcher, tracker, domain):
        return []
