"""BCRYPT and BCRYPTPRIMITIVES: importing this module declares every export."""

from . import hashes, random
from .base import bcrypt, bcryptprimitives

__all__ = ["bcrypt", "bcryptprimitives", "hashes", "random"]
