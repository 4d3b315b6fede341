"""Figures as ratios (``python -m bench``) and what survives crashes (``python -m bench.soak``)."""
