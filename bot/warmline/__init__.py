"""Warmline: when a bot stops talking and a person takes over, and how that person knows everything already."""
