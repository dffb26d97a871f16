"""Measuring how well Warmline knows when to hand over: scoring logs, metrics with intervals, pictures, tuning."""
