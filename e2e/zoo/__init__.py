"""The page zoo: the ways in which sites go from one page to the next, each with a player who stays, leaves or changes.

Read ``habitats.py`` for the list, ``walk.py`` for what is done and looked at in each.
"""
