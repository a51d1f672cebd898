"""The whole product in one process: what `opsimate up` starts."""
