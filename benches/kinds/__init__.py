"""The kinds of data that generate.py writes."""
