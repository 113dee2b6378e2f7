"""define.xml: judged by the schemas and by odmlib, and compared with the specs and the data."""
