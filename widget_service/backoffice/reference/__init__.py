"""The reference back office: the whole player API on its own SQLite file, as an operator's gold-standard example.

Nothing is imported here: what serves it must come first.
"""
