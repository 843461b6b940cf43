"""The proof of an addition: a copy of the project has it already, is checked, loaded, tested."""
