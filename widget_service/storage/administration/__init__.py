"""What operators configure, noun by noun: read with a connection, written within a :class:`~.change.Change`.

Used by the command line and the dashboard; a request's way never comes here.
"""
