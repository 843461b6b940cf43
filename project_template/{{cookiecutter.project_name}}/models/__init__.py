"""Models talk to the database: one file for each subject, one class for each table.

This room is empty still. The pages of the example store nothing.
"""
