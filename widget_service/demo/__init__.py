"""The main job on one machine: the service, a pretend casino, a hostile site and a sample AI agent.

The casino, the hostile site and the agent are processes of their own that know the service from outside only.
"""
