"""Settings, middleware and machine, as production needs them: `mtvgen check --deploy`."""
