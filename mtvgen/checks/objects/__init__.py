"""What Python files ask of models, requests and settings, against what these have."""
