"""What production asks for: `mtvgen check --deploy`."""
