"""Desks: each carries out commands of one subject, for a screen or for the app, which lists its own in `desks`."""
