"""How fast and how large: `python -m tests.bench`. Nothing is asserted here."""
