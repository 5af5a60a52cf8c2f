"""ecrtui: the terminal home of a container delivery path on AWS."""

__version__ = "0.1.0"
