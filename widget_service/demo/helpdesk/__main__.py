"""The helpdesk as a process of its own."""

from widget_service.demo.helpdesk.site import create_helpdesk
from widget_service.demo.pages import read_part, serve

PART = read_part()
serve(create_helpdesk(PART), PART["port"])
