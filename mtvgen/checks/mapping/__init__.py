"""Models against SQLAlchemy and against their migrations, at the word in their files."""
