"""One module per engine: each solves the tasks of `questions` in the way its own manual recommends.

A module has `TASKS`, task → function of the log's folder, and `FACTS`, task → function that turns what the
task returned into plain figures that can be compared with another engine's. Only the former is timed.
What an engine does not offer stands in `NOT_OFFERED`, with the reason.
"""
