"""A model as plain values: the only place that asks SQLAlchemy what a class is."""
