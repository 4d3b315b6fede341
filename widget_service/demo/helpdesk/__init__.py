"""A pretend helpdesk: a Zendesk and a LiveChat on an origin of their own, and the inbox of those who answer there.

They know the service from outside only: they post webhooks that are really signed, late, twice and in any order, and
hear of it what any agent hears.
"""
