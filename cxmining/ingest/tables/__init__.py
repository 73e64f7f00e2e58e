"""Plain tables, and the ready mappings for what is often one."""
