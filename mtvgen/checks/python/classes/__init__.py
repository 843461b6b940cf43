"""What classes are known to have: those of the project, its forms and models, and the runtime's."""
