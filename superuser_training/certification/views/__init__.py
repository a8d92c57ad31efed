"""Training and certification: the guide's own pages, and the coordinators'."""

from superuser_training.certification.views.guides import ROUTES as GUIDES
from superuser_training.certification.views.mine import ROUTES as MINE

ROUTES = (*MINE, *GUIDES)

__all__ = ["ROUTES"]
